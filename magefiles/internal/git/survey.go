package git

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Survey describes a repository that may have neither a commit nor a configuration yet.
type Survey struct {
	Root       string   // of the working tree
	Repository string   // owner/name of the remote origin; empty where there is none on a forge
	URL        string   // its web address
	Branch     string   // that is checked out; empty on a detached HEAD
	Branches   []string // short names, local ones and those of origin, sorted
	Files      []string // tracked, or new and not ignored; slash-separated, relative to Root, sorted; a submodule is one entry
}

// Look surveys the repository that dir is in. Outside of one it is wrong usage (exit code 2).
func Look(ctx context.Context, dir string) (Survey, error) {
	root, err := repository{dir: dir}.output(ctx, "rev-parse", "--show-toplevel")
	if isAnswer(err, "not a git repository") {
		return Survey{}, problem.New(problem.Usage, "run it in the application repository, or git init",
			"looking around: %q is in no git repository", dir)
	}
	if err != nil {
		return Survey{}, fmt.Errorf("looking around: %w", err)
	}
	git := repository{dir: filepath.FromSlash(root)}
	var c Commit
	for _, read := range []func(context.Context, repository, *Commit) error{readBranch, readRemote} {
		if err := read(ctx, git, &c); err != nil {
			return Survey{}, err
		}
	}
	s := Survey{Root: git.dir, Repository: c.Repository, URL: c.URL, Branch: c.Branch}
	if s.Branches, err = git.remoteBranches(ctx); err != nil {
		return Survey{}, err
	}
	s.Files, err = git.listNul(ctx, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate")
	if err != nil {
		return Survey{}, fmt.Errorf("listing the files: %w", err)
	}
	slices.Sort(s.Files)
	return s, nil
}

// remoteBranches are the names of local branches and of those of origin, as far as they were fetched.
func (r repository) remoteBranches(ctx context.Context) ([]string, error) {
	out, err := r.output(ctx, "for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes/origin")
	if err != nil {
		return nil, fmt.Errorf("listing the branches: %w", err)
	}
	var names []string
	for ref := range strings.Lines(out) {
		ref = strings.TrimSpace(ref)
		name := strings.TrimPrefix(strings.TrimPrefix(ref, "refs/heads/"), "refs/remotes/origin/")
		if name != "" && ref != "refs/remotes/origin/HEAD" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}
