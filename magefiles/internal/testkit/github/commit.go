package github

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// Patience is the number of times that an overtaken writer looks at the new head before it gives up.
const Patience = 100

// Commit writes to a branch as another person with git push would: past every protection and interceptor, on top of
// whatever the head is. A nil content deletes the file. A branch that does not exist begins without a parent.
func (s *Server) Commit(ctx context.Context, repository, branch, message string, files map[string][]byte) (string, error) {
	r, ok := s.find(repository)
	if !ok {
		return "", fmt.Errorf("committing: no repository %q", repository)
	}
	var sha string
	var err error
	for range Patience {
		if sha, err = pushCommit(ctx, s, r, branch, message, files); !errors.Is(err, bare.ErrStale) {
			return sha, err
		}
	}
	return "", err
}

func pushCommit(ctx context.Context, s *Server, r *Repository, branch, message string, files map[string][]byte) (string, error) {
	head, err := r.Git.Resolve("refs/heads/" + branch)
	var parents []string
	switch {
	case err == nil:
		parents = []string{head}
	case errors.Is(err, bare.ErrMissing):
		head = bare.Zero
	default:
		return "", err
	}
	var changes []bare.Change
	for _, path := range slices.Sorted(maps.Keys(files)) {
		change := bare.Change{Path: path}
		if files[path] != nil {
			if change, err = r.FileChange(ctx, head, path, files[path]); err != nil {
				return "", err
			}
		}
		changes = append(changes, change)
	}
	tree, err := r.Git.WriteTree(ctx, strings.Join(parents, ""), changes)
	if err != nil {
		return "", err
	}
	who := bare.Person{Name: "Somebody Else", Email: "somebody@example.com", When: s.options.Now()}
	sha, err := r.Git.WriteCommit(ctx, bare.Commit{Tree: tree, Parents: parents, Author: who, Committer: who, Message: message})
	if err != nil {
		return "", err
	}
	return sha, r.Git.Move(ctx, "refs/heads/"+branch, head, sha)
}

// CommitOnBranch writes the commit and moves the branch by git's compare-and-swap.
func CommitOnBranch(
	ctx context.Context,
	c *Call, r *Repository, branch, parent, message string, changes []bare.Change,
) (string, error) {
	tree, err := r.Git.WriteTree(ctx, parent, changes)
	if err != nil {
		return "", err
	}
	sha, err := r.Git.WriteCommit(ctx, bare.Commit{
		Tree: tree, Parents: []string{parent}, Author: c.Viewer(), Committer: c.WebFlow(), Message: message,
	})
	if err != nil {
		return "", err
	}
	c.Sign(sha)
	return sha, r.Git.Move(ctx, "refs/heads/"+branch, parent, sha)
}

// FileChange stores a file's bytes and gives the change that sets them, with the mode that the file has at a commit already.
func (r *Repository) FileChange(ctx context.Context, commit, path string, data []byte) (bare.Change, error) {
	oid, err := r.Git.WriteBlob(ctx, data)
	if err != nil {
		return bare.Change{}, err
	}
	mode := bare.FileMode
	if old, err := r.Git.Lookup(commit, path); err == nil && old.Mode == bare.ExecutableMode {
		mode = old.Mode
	}
	return bare.Change{Mode: mode, Path: path, OID: oid}, nil
}

// MalformedPath says what is wrong with a path that git would not store, empty for a good one.
func MalformedPath(path string) string {
	if strings.HasPrefix(path, "/") {
		return "cannot start with a slash"
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." || strings.EqualFold(part, ".git") || strings.ContainsAny(part, "\x00\n") {
			return "contains a malformed path component"
		}
	}
	return ""
}
