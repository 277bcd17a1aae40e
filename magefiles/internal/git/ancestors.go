package git

import (
	"context"
	"fmt"
	"strconv"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// Ancestors returns the ids of the commits before the one that is checked out, along first parents, the newest first: n at
// most.
func Ancestors(ctx context.Context, root string, n int) ([]commitid.ID, error) {
	out, err := repository{dir: root}.output(ctx, "rev-list", "--first-parent", "--skip=1", "--max-count="+strconv.Itoa(n), "HEAD")
	if err != nil {
		return nil, fmt.Errorf("listing the commits before: %w", err)
	}
	return parseIDs(out)
}

// ChangedSince returns the tracked files below root that differ from those of a commit, slash-separated and relative to root.
func ChangedSince(ctx context.Context, root string, commit commitid.ID) ([]string, error) {
	git := repository{dir: root}
	files, err := git.listNul(ctx, "diff", "--name-only", "-z", "--relative", "--no-renames", "--end-of-options", string(commit))
	if err != nil {
		return nil, fmt.Errorf("comparing with commit %s: %w", commit.Short(), err)
	}
	return files, nil
}
