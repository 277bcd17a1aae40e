package git

import (
	"context"
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// Distance is the position of a commit relative to the tip of a branch.
type Distance struct {
	Commit Commit // SHA whole, and Time, Author and Title, as far as they are known
	Behind int    // commits of the branch that it does not contain
	Ahead  int    // commits that it contains and the branch does not
	Reason string // why nothing is known; empty where Behind and Ahead are
}

// Measure returns, from the repository at root alone, how far a commit, which may be abbreviated, is from the tip of a branch:
// of origin as it was last fetched, or else this clone's own.
func Measure(ctx context.Context, root string, commit commitid.ID, branch string) (Distance, error) {
	git := repository{dir: root}
	d := Distance{Commit: Commit{SHA: commit}}
	known, err := git.describe(ctx, commit)
	if err != nil {
		return d, err
	}
	if known.SHA == "" {
		d.Reason = "this clone has no such commit"
		return d, nil
	}
	d.Commit = known
	tip := ""
	for _, ref := range []string{"refs/remotes/origin/" + branch, "refs/heads/" + branch} {
		if _, err := git.output(ctx, "show-ref", "--verify", "--quiet", ref); err == nil {
			tip = ref
			break
		}
	}
	shallow, err := git.isShallow(ctx)
	switch {
	case err != nil:
		return d, err
	case branch == "" || tip == "":
		d.Reason = fmt.Sprintf("this clone has no branch %q", branch)
		return d, nil
	case shallow:
		d.Reason = "this clone is shallow"
		return d, nil
	}
	out, err := git.output(ctx, "rev-list", "--count", "--left-right", string(known.SHA)+"..."+tip)
	if err != nil {
		return d, err
	}
	if _, err := fmt.Sscanf(out, "%d %d", &d.Ahead, &d.Behind); err != nil {
		return d, fmt.Errorf("counting commits: git answered %q", out)
	}
	return d, nil
}
