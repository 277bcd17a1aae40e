package git

import (
	"context"
	"fmt"
	"strings"
)

// DefaultBranch returns the name of origin's default branch as a clone has recorded it, empty where none did.
func DefaultBranch(ctx context.Context, root string) (string, error) {
	const prefix = "refs/remotes/origin/"
	refs, err := repository{dir: root}.output(ctx, "for-each-ref", "--format=%(symref)", prefix+"HEAD")
	if err != nil {
		return "", fmt.Errorf("looking for the default branch: %w", err)
	}
	return strings.TrimPrefix(strings.TrimSpace(refs), prefix), nil
}

// OnBranch reports whether a branch of origin has a file, as of the last fetch.
func OnBranch(ctx context.Context, root, branch, file string) (bool, error) {
	tree := "refs/remotes/origin/" + branch
	names, err := repository{dir: root}.listNul(ctx, "ls-tree", "-z", "--name-only", "--full-tree", tree, "--", file)
	if err != nil {
		return false, fmt.Errorf("looking for %q on %q: %w", file, branch, err)
	}
	return len(names) > 0, nil
}
