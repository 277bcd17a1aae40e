package publish

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/publish/prebuilt"
)

// Targets are the programs that a release carries, so that applications without Go can fetch them.
type Targets struct {
	Content string // name of the content of the commit that is released
	// Build compiles them, which takes minutes: it is called where a version lacks them.
	Build func(ctx context.Context) (prebuilt.Set, error)
}

// recordsTargets reports whether the commit that is released has the sums of its own content already.
func (o Options) recordsTargets(ctx context.Context) (bool, error) {
	if o.Targets == nil {
		return true, nil
	}
	listed, err := runGit(ctx, o.Dir, "ls-tree", "--name-only", string(o.Commit), "--", prebuilt.SumsPath)
	if err != nil || listed == "" {
		return false, err
	}
	text, err := runGit(ctx, o.Dir, "show", string(o.Commit)+":"+prebuilt.SumsPath)
	if err != nil {
		return false, err
	}
	sums, err := prebuilt.Parse(text)
	return err == nil && sums.Content == o.Targets.Content, nil
}

// attachment is a release that gets programs.
type attachment struct {
	options Options
	version publishedVersion
	release *gogithub.RepositoryRelease
}

// upload uploads what the release lacks of the programs that its own commit records the sums of, and no other.
func (a attachment) upload(ctx context.Context) error {
	if a.options.Targets == nil {
		return nil
	}
	sums, err := a.recordedSums(ctx)
	if err != nil {
		return err
	}
	missing, err := a.missing(ctx, sums)
	if err != nil || len(missing) == 0 {
		return err
	}
	tag := a.version.tag
	if sums.Content != a.options.Targets.Content {
		return problem.New(problem.Conflict, "check "+tag+" out and publish there",
			"attaching targets to %s: it lacks %s, and %s has other content", tag, missing[0].AssetName(),
			a.options.Commit.Short())
	}
	set, err := a.options.Targets.Build(ctx)
	if err != nil {
		return fmt.Errorf("building the targets of %s: %w", tag, err)
	}
	if !slices.Equal(set.Programs, sums.Programs) {
		return problem.New(problem.Refused, "find out which of the two this Go does not make of this content; publish nothing until then",
			"attaching targets to %s: they are not those that its %s records", tag, prebuilt.SumsPath)
	}
	for _, program := range missing {
		if err := a.uploadFile(ctx, program.AssetName(), set.Path(program)); err != nil {
			return err
		}
	}
	a.options.Say("%s has targets for %d platforms", tag, len(sums.Programs))
	return nil
}

// recordedSums returns the sums that the version's commit has; none where it is older than they are.
func (a attachment) recordedSums(ctx context.Context) (prebuilt.Sums, error) {
	owner, name, _ := strings.Cut(a.options.Repository, "/")
	file, _, res, err := a.options.Own.Repositories.GetContents(ctx, owner, name, prebuilt.SumsPath,
		&gogithub.RepositoryContentGetOptions{Ref: string(a.version.commit)})
	if isNotFound(res) {
		return prebuilt.Sums{}, nil
	}
	if err != nil {
		return prebuilt.Sums{}, fmt.Errorf("reading %s of %s: %w", prebuilt.SumsPath, a.version.tag, explainPermission(err))
	}
	text, err := file.GetContent()
	if err != nil {
		return prebuilt.Sums{}, fmt.Errorf("reading %s of %s: %w", prebuilt.SumsPath, a.version.tag, err)
	}
	return prebuilt.Parse(text)
}

// missing lists what the release lacks, and removes what is left of an upload that was cut.
func (a attachment) missing(ctx context.Context, sums prebuilt.Sums) (missing []prebuilt.Program, err error) {
	owner, name, _ := strings.Cut(a.options.Repository, "/")
	for _, program := range sums.Programs {
		i := slices.IndexFunc(a.release.Assets, func(file *gogithub.ReleaseAsset) bool { return file.GetName() == program.AssetName() })
		if i >= 0 && a.release.Assets[i].GetState() == "uploaded" {
			continue
		}
		missing = append(missing, program)
		if i < 0 {
			continue
		}
		if _, err := a.options.Own.Repositories.DeleteReleaseAsset(ctx, owner, name, a.release.Assets[i].GetID()); err != nil {
			return nil, fmt.Errorf("removing a cut upload of %s: %w", program.AssetName(), explainPermission(err))
		}
	}
	return missing, nil
}

func (a attachment) uploadFile(ctx context.Context, asset, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("attaching %s: %w", asset, err)
	}
	address := fmt.Sprintf("repos/%s/releases/%d/assets?name=%s", a.options.Repository, a.release.GetID(), asset)
	request, err := a.options.Uploads.NewUploadRequest(address, bytes.NewReader(data), int64(len(data)), "application/octet-stream")
	if err == nil {
		_, err = a.options.Uploads.Do(ctx, request, nil)
	}
	if err != nil {
		return fmt.Errorf("attaching %s: %w", asset, explainPermission(err))
	}
	return nil
}
