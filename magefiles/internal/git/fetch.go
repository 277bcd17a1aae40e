package git

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// fetchTime bounds a fetch: a remote that does not answer must not hold up a release that can ask elsewhere.
const fetchTime = 30 * time.Second

// mostTips bounds the length of a command line.
const mostTips = 1000

// errFetchTime is the cause of a context that fetchTime ended.
var errFetchTime = errors.New("origin did not answer in time")

// Fetch brings a commit that the clone at root lacks from origin and reports whether the clone has it then. No branch, tag or
// remote-tracking branch moves. A server hands out objects by whole ids only, so that for an abbreviated one all branches are
// fetched. A shallow clone is left as it is: below its commits, a fetch would bring the whole history.
func Fetch(ctx context.Context, root string, id commitid.ID) (bool, error) {
	git := repository{dir: root}
	if shallow, err := git.isShallow(ctx); err != nil || shallow {
		return false, err
	}
	limited, cancel := context.WithTimeoutCause(ctx, fetchTime, errFetchTime)
	defer cancel()
	wanted, err := []commitid.ID{id}, error(nil)
	if !id.IsWhole() {
		wanted, err = git.branchTips(limited)
	}
	if err == nil && len(wanted) > 0 {
		args := []string{
			"fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
			"--no-auto-maintenance", "--no-recurse-submodules", "--refmap=", "origin",
		}
		for _, id := range wanted {
			args = append(args, string(id))
		}
		_, err = git.output(limited, args...)
	}
	if cause := context.Cause(ctx); cause != nil {
		return false, cause
	}
	if err != nil {
		return false, nil // no remote, no network, no such commit: others are asked
	}
	found, err := git.describe(ctx, id)
	return found.SHA != "", err
}

// branchTips are the ids of origin's branches.
func (r repository) branchTips(ctx context.Context) ([]commitid.ID, error) {
	out, err := r.output(ctx, "ls-remote", "--heads", "origin")
	var ids []commitid.ID
	for line := range strings.Lines(out) {
		text, _, _ := strings.Cut(line, "\t")
		if id := commitid.ID(text); id.IsWhole() && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids[:min(len(ids), mostTips)], err
}

// isShallow reports whether the repository's history is cut off.
func (r repository) isShallow(ctx context.Context) (bool, error) {
	answer, err := r.output(ctx, "rev-parse", "--is-shallow-repository")
	return answer == "true", err
}
