package repo

import (
	"context"
	"strings"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
)

// headTree is the tree of a commit: what a new tree builds on, and which of its entries are to change.
type headTree struct {
	id      string
	entries map[string]*gogithub.TreeEntry // by path, of the files asked for; those that do not exist are absent
}

// readTree reads the tree of a commit. The contents interface knows neither modes nor links, which it follows; the tree does.
func (r *restBackend) readTree(ctx context.Context, repository string, commit commitid.ID, paths []string) (*headTree, error) {
	owner, name := github.SplitRepository(repository)
	head, res, err := r.client.REST().Git.GetCommit(ctx, owner, name, string(commit))
	if err != nil {
		return nil, r.client.Refusal(res, err)
	}
	found := &headTree{id: head.GetTree().GetSHA(), entries: map[string]*gogithub.TreeEntry{}}
	all, res, err := r.client.REST().Git.GetTree(ctx, owner, name, found.id, true)
	if err != nil {
		return nil, r.client.Refusal(res, err)
	}
	known := entriesByPath(all)
	for _, path := range paths {
		entry := known[path]
		if entry == nil && all.GetTruncated() { // GitHub cuts the list at 100,000 entries or 7 MB
			if entry, err = r.findInTree(ctx, repository, found.id, path); err != nil {
				return nil, err
			}
		}
		if entry != nil {
			found.entries[path] = entry
		}
	}
	return found, nil
}

// findInTree looks a path up directory by directory, nil where it does not exist.
func (r *restBackend) findInTree(ctx context.Context, repository, tree, path string) (*gogithub.TreeEntry, error) {
	owner, name := github.SplitRepository(repository)
	for {
		level, res, err := r.client.REST().Git.GetTree(ctx, owner, name, tree, false)
		if err != nil {
			return nil, r.client.Refusal(res, err)
		}
		first, below, deeper := strings.Cut(path, "/")
		entry := entriesByPath(level)[first]
		switch {
		case !deeper:
			return entry, nil
		case entry.GetType() != "tree":
			return nil, nil
		}
		tree, path = entry.GetSHA(), below
	}
}

func entriesByPath(tree *gogithub.Tree) map[string]*gogithub.TreeEntry {
	entries := make(map[string]*gogithub.TreeEntry, len(tree.Entries))
	for _, entry := range tree.Entries {
		entries[entry.GetPath()] = entry
	}
	return entries
}
