package git

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// Ancestors returns the ids of the commits before the one that is checked out, along first parents, the newest first: n at
// most.
func Ancestors(ctx context.Context, root string, n int) ([]string, error) {
	out, err := repository{dir: root}.output(ctx, "rev-list", "--first-parent", "--skip=1", "--max-count="+strconv.Itoa(n), "HEAD")
	if err != nil {
		return nil, fmt.Errorf("listing the commits before: %w", err)
	}
	return strings.Fields(out), nil
}

// ChangedSince returns the tracked files below root that differ from those of a commit, slash-separated and relative to root.
func ChangedSince(ctx context.Context, root, commit string) ([]string, error) {
	git := repository{dir: root}
	files, err := git.listNul(ctx, "diff", "--name-only", "-z", "--relative", "--no-renames", "--end-of-options", commit)
	if err != nil {
		return nil, fmt.Errorf("comparing with commit %.8s: %w", commit, err)
	}
	return files, nil
}
