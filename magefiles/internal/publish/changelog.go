package publish

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/publish/prebuilt"
)

const (
	changelogPath     = "CHANGELOG.md" // in the form of keepachangelog.com
	unreleasedHeading = "## Unreleased\n"
	// releaseTrailer marks the commit that names a version in the changelog, on top of the commit that is released.
	releaseTrailer = "Astrago-CI-Release: "
)

// withVersion moves what the changelog has under Unreleased below a heading of its own. It reports whether there is anything to
// move: a version that has a heading keeps it.
func withVersion(changelog, version string, date time.Time) (string, bool) {
	if changelogSection(changelog, version) != "" {
		return changelog, false
	}
	before, rest, ok := strings.Cut(changelog, unreleasedHeading)
	if !ok || (before != "" && !strings.HasSuffix(before, "\n")) {
		return changelog, false
	}
	if entries, _, _ := strings.Cut("\n"+rest, "\n## "); strings.TrimSpace(entries) == "" {
		return changelog, false
	}
	return before + unreleasedHeading + "\n## " + version + " - " + date.UTC().Format(time.DateOnly) + "\n" + rest, true
}

// changelogSection returns the entries of a version, without its heading; empty where the changelog has none.
func changelogSection(changelog, version string) string {
	_, rest, ok := strings.Cut("\n"+changelog, "\n## "+version+" - ")
	if !ok {
		return ""
	}
	_, rest, _ = strings.Cut(rest, "\n")
	entries, _, _ := strings.Cut("\n"+rest, "\n## ")
	return strings.TrimSpace(entries) + "\n"
}

// changelogAt is the changelog of a commit that the clone has, empty where it has none.
func (o Options) changelogAt(ctx context.Context, commit commitid.ID) (string, error) {
	listed, err := runGit(ctx, o.Dir, "ls-tree", "--name-only", string(commit), "--", changelogPath)
	if err != nil || listed == "" {
		return "", err
	}
	text, err := runGit(ctx, o.Dir, "show", string(commit)+":"+changelogPath)
	return text + "\n", err
}

// nameVersion ensures that what is tagged names the version in its changelog and records the sums of its targets, and returns the
// commit to tag: the one that is released, or one on top of it that changes these files only. The branch moves by a fast forward or
// not at all.
func (o Options) nameVersion(ctx context.Context) (commitid.ID, error) {
	before, err := o.changelogAt(ctx, o.Commit)
	if err != nil {
		return "", err
	}
	after, changed := withVersion(before, o.Version, o.Now())
	recorded, err := o.recordsTargets(ctx)
	if err != nil || !changed && recorded {
		return o.Commit, err
	}
	owner, name, _ := strings.Cut(o.Repository, "/")
	head, _, err := o.Own.Git.GetRef(ctx, owner, name, "heads/"+o.Branch)
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", o.Branch, explainPermission(err))
	}
	if tip := commitid.ID(head.GetObject().GetSHA()); tip != o.Commit {
		named, err := o.isNaming(ctx, tip)
		if err == nil && !named {
			err = problem.New(problem.Conflict, "run it on the newest commit of "+o.Branch, "publishing %s: %s has moved to %s",
				o.Commit.Short(), o.Branch, tip.Short())
		}
		return tip, err
	}
	files := map[string]string{}
	if changed {
		files[changelogPath] = after
	}
	if !recorded {
		set, err := o.Targets.Build(ctx)
		if err != nil {
			return "", fmt.Errorf("building the targets of %s: %w", o.Version, err)
		}
		files[prebuilt.SumsPath] = set.String()
	}
	return o.commitFiles(ctx, files)
}

// isNaming reports whether a commit is the one that names this version on top of the commit that is released.
func (o Options) isNaming(ctx context.Context, sha commitid.ID) (bool, error) {
	owner, name, _ := strings.Cut(o.Repository, "/")
	commit, _, err := o.Own.Git.GetCommit(ctx, owner, name, string(sha))
	if err != nil {
		return false, fmt.Errorf("reading commit %s: %w", sha.Short(), explainPermission(err))
	}
	on := slices.ContainsFunc(commit.Parents, func(p *gogithub.Commit) bool { return p.GetSHA() == string(o.Commit) })
	return on && strings.Contains(commit.GetMessage(), releaseTrailer+o.Version), nil
}

func (o Options) commitFiles(ctx context.Context, files map[string]string) (commitid.ID, error) {
	owner, name, _ := strings.Cut(o.Repository, "/")
	var entries []*gogithub.TreeEntry
	for _, path := range slices.Sorted(maps.Keys(files)) {
		entry := gogithub.TreeEntry{Path: &path, Mode: new("100644"), Type: new("blob"), Content: new(files[path])}
		entries = append(entries, &entry)
	}
	changed := strings.Join(slices.Sorted(maps.Keys(files)), ", ")
	tree, _, err := o.Own.Git.CreateTree(ctx, owner, name, string(o.Commit), entries)
	if err != nil {
		return "", fmt.Errorf("writing %s: %w", changed, explainPermission(err))
	}
	made, _, err := o.Own.Git.CreateCommit(ctx, owner, name, &gogithub.Commit{
		Message: new("changelog: name " + o.Version + "\n\n" + releaseTrailer + o.Version),
		Tree:    &gogithub.Tree{SHA: tree.SHA}, Parents: []*gogithub.Commit{{SHA: new(string(o.Commit))}},
	}, nil)
	if err != nil {
		return "", fmt.Errorf("committing %s: %w", changed, explainPermission(err))
	}
	target := &gogithub.Reference{Ref: new("refs/heads/" + o.Branch), Object: &gogithub.GitObject{SHA: made.SHA}}
	if _, _, err = o.Own.Git.UpdateRef(ctx, owner, name, target, false); err != nil {
		return "", fmt.Errorf("moving %s to the commit that names %s in %s: %w", o.Branch, o.Version, changed, explainPermission(err))
	}
	id := commitid.ID(made.GetSHA())
	o.Say("%s names %s: %s is %s now", changed, o.Version, o.Branch, id.Short())
	return id, nil
}
