package bare

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrConflict says that two sides changed the same lines.
var ErrConflict = errors.New("merge conflict")

// Merge returns the tree of git's own three-way merge of two commits (git merge-tree --write-tree, git 2.38 or newer),
// ErrConflict where a person would have to decide. Nothing is committed.
func (r *Repository) Merge(ctx context.Context, ours, theirs string) (tree string, err error) {
	out, err := r.git(ctx, nil, "merge-tree", "--write-tree", "--no-messages", ours, theirs)
	if err != nil {
		if exitCode(err) == 1 {
			return "", fmt.Errorf("merging %q into %q: %w", theirs, ours, ErrConflict)
		}
		return "", fmt.Errorf("merging %q into %q: %w", theirs, ours, err)
	}
	tree, _, _ = strings.Cut(string(out), "\n")
	return tree, nil
}
