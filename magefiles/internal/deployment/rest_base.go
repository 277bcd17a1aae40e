package deployment

import (
	"context"
	"strings"

	gogithub "github.com/google/go-github/v62/github"
)

// base is the tree of a commit: what a new tree builds on, and which of its entries are to change.
type base struct {
	tree    string                         // id
	entries map[string]*gogithub.TreeEntry // by path, of the files asked for; those that do not exist are absent
}

// base reads the tree of a commit. The contents interface knows neither modes nor links, which it follows; the tree does.
func (r *rest) base(ctx context.Context, repository, commit string, paths []string) (*base, error) {
	owner, name := split(repository)
	head, res, err := r.client().Git.GetCommit(ctx, owner, name, commit)
	if err != nil {
		return nil, r.refusal(res, err)
	}
	found := &base{tree: head.GetTree().GetSHA(), entries: map[string]*gogithub.TreeEntry{}}
	all, res, err := r.client().Git.GetTree(ctx, owner, name, found.tree, true)
	if err != nil {
		return nil, r.refusal(res, err)
	}
	known := index(all)
	for _, path := range paths {
		entry := known[path]
		if entry == nil && all.GetTruncated() { // GitHub cuts the list at 100,000 entries or 7 MB
			if entry, err = r.descend(ctx, repository, found.tree, path); err != nil {
				return nil, err
			}
		}
		if entry != nil {
			found.entries[path] = entry
		}
	}
	return found, nil
}

// descend looks a path up directory by directory, nil where it does not exist.
func (r *rest) descend(ctx context.Context, repository, tree, path string) (*gogithub.TreeEntry, error) {
	owner, name := split(repository)
	for {
		level, res, err := r.client().Git.GetTree(ctx, owner, name, tree, false)
		if err != nil {
			return nil, r.refusal(res, err)
		}
		first, below, deeper := strings.Cut(path, "/")
		entry := index(level)[first]
		switch {
		case !deeper:
			return entry, nil
		case entry.GetType() != "tree":
			return nil, nil
		}
		tree, path = entry.GetSHA(), below
	}
}

func index(tree *gogithub.Tree) map[string]*gogithub.TreeEntry {
	entries := make(map[string]*gogithub.TreeEntry, len(tree.Entries))
	for _, entry := range tree.Entries {
		entries[entry.GetPath()] = entry
	}
	return entries
}
