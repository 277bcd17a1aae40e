package submodule

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Update is a move of the submodule, done and staged unless UpToDate.
type Update struct {
	Path     string   // of the submodule
	From, To string   // versions such as v1.2.3, or commit ids where a commit has none
	Changes  []string // subjects of the commits between, newest first; of those that are left where To is the older
	Back     bool     // To does not contain From
	Files    []string // workflows that name the version, rewritten and staged
	UpToDate bool

	commit commitid.ID // of To
}

// Move brings the submodule of the application repository at root to a version, the newest where to is empty. Local changes
// of the submodule or of its workflows are never overwritten: the move is refused.
func Move(ctx context.Context, root, to string) (*Update, error) {
	path, err := Find(ctx, root)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(root, filepath.FromSlash(path))
	if err := requireUnchanged(ctx, root, path, dir); err != nil {
		return nil, err
	}
	if _, err := git.Output(ctx, dir, "fetch", "--quiet", "--tags", "origin"); err != nil {
		return nil, problem.New(problem.Failed, "check the network, and that you may read the submodule's remote",
			"fetching the versions of astrago-ci: %w", err)
	}
	target, err := chooseRevision(ctx, dir, to)
	if err != nil {
		return nil, err
	}
	u, err := compareRevisions(ctx, dir, target)
	if err != nil {
		return nil, err
	}
	u.Path = path
	if u.UpToDate {
		return u, nil
	}
	if _, err := git.Output(ctx, dir, "checkout", "--quiet", "--detach", target); err != nil {
		return nil, err
	}
	if u.Files, err = rewriteWorkflows(root, Release{Commit: u.commit, Version: u.To}); err != nil {
		return nil, err
	}
	_, err = git.Output(ctx, root, append([]string{"add", "--", path}, u.Files...)...)
	return u, err
}

// requireUnchanged refuses where a checkout would lose or carry over local changes.
func requireUnchanged(ctx context.Context, root, path, dir string) error {
	inside, err := git.Output(ctx, dir, "status", "--porcelain", "--untracked-files=no")
	if err != nil {
		return err
	}
	around, err := git.Output(ctx, root, "status", "--porcelain", "--untracked-files=no", "--", path, workflowsDir)
	if err != nil {
		return err
	}
	if changed := strings.TrimSpace(inside + "\n" + around); changed != "" {
		return problem.New(problem.Refused, "commit or stash them, then run it again",
			"refusing to move %s: there are changes of yours:\n%s", path, changed)
	}
	return nil
}

// chooseRevision returns the revision to move to.
func chooseRevision(ctx context.Context, dir, to string) (string, error) {
	known, err := git.Versions(ctx, dir)
	if err != nil {
		return "", err
	}
	if to == "" {
		if latest := git.Latest(known); latest != "" {
			return latest, nil
		}
		return "", problem.New(problem.Failed, "name a commit: mage update -to=main",
			"choosing a version: the submodule's remote has no tag vX.Y.Z")
	}
	for _, revision := range []string{"refs/tags/" + to, "refs/tags/v" + to, "refs/remotes/origin/" + to, to} {
		if _, err := git.Output(ctx, dir, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}"); err == nil {
			return revision, nil
		}
	}
	return "", problem.New(problem.Usage, "versions there are: "+strings.Join(known[:min(10, len(known))], ", "),
		"choosing a version: the submodule's remote has no tag, branch or commit %q", to)
}

// compareRevisions returns what lies between what is checked out and a revision.
func compareRevisions(ctx context.Context, dir, target string) (*Update, error) {
	u := &Update{}
	var ids [2]commitid.ID
	for i, revision := range []string{"HEAD", target} {
		var err error
		if ids[i], err = git.CommitOf(ctx, dir, revision); err != nil {
			return nil, err
		}
	}
	u.From, u.To, u.commit = versionName(ctx, dir, ids[0]), versionName(ctx, dir, ids[1]), ids[1]
	u.UpToDate = ids[0] == ids[1]
	between := string(ids[0] + ".." + ids[1])
	if _, err := git.Output(ctx, dir, "merge-base", "--is-ancestor", string(ids[0]), string(ids[1])); err != nil {
		u.Back, between = true, string(ids[1]+".."+ids[0])
	}
	log, err := git.Output(ctx, dir, "log", "--no-merges", "--format=%s", between)
	if err != nil {
		return nil, fmt.Errorf("listing the changes: %w", err)
	}
	u.Changes = splitLines(log)
	return u, nil
}

// versionName is the version of a commit, or its id.
func versionName(ctx context.Context, dir string, id commitid.ID) string {
	if versions, err := git.Versions(ctx, dir, "--points-at", string(id)); err == nil && len(versions) > 0 {
		return versions[0]
	}
	return string(id)
}

func splitLines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}
