package deployment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// freshness is for how long a snapshot that was read before is believed when it says that nothing is to do. A commit needs
// no such trust, the compare-and-swap checks it.
const freshness = 10 * time.Second

// Bump commits the new values: one read and one write, or only the write when b.Snapshot was read before. When
// the head has moved it starts again from the new head. A lost answer is never followed by a second commit: the branch's
// history is searched for the Bump-Id first. Problems carry problem.Conflict when the branch never stood still.
func (c *Client) Bump(ctx context.Context, b Bump) (*Result, error) {
	b = b.pinned()
	if err := b.check(); err != nil {
		return nil, err
	}
	ctx, cancel := c.limit(ctx)
	defer cancel()
	change := c.bump
	if b.Deployment.PullRequest != nil {
		change = c.propose
	}
	result, err := change(ctx, b)
	if err != nil {
		return nil, c.explain(ctx, b.Deployment, err)
	}
	return result, nil
}

func (c *Client) bump(ctx context.Context, b Bump) (*Result, error) {
	draft, err := c.begin(ctx, b)
	if err != nil {
		return nil, err
	}
	id, begun := b.ID(), draft.Snapshot
	for n := 1; ; n++ {
		if len(draft.Files) == 0 {
			return unchanged(draft, id, n-1), nil
		}
		commit, failure := c.attempt(ctx, b, draft, n)
		if failure == nil {
			return changed(draft, commit, id, n), nil
		}
		if !errors.Is(failure, errStale) && !errors.Is(failure, errUncertain) {
			return nil, failure
		}
		snapshot, err := c.again(ctx, b, draft.Snapshot, failure, n)
		if err != nil {
			return nil, err
		}
		commit, ok, err := c.landed(ctx, id, begun, snapshot, len(draft.Changes) == 0)
		if err != nil {
			return nil, err
		}
		if ok {
			return changed(draft, commit, id, n), nil
		}
		if n == c.attempts {
			return nil, exhausted(b, failure, n)
		}
		if draft, err = b.redraft(ctx, draft, snapshot); err != nil {
			return nil, err
		}
	}
}

// redraft computes the change anew on another head. What a person decided to take back must still be what is deployed: a
// build that others deployed since, perhaps the very fix, nobody has rejected.
func (b Bump) redraft(ctx context.Context, last *Draft, s *Snapshot) (*Draft, error) {
	draft, err := b.draft(ctx, s)
	if err != nil || b.Rollback == nil || len(draft.Changes) == 0 {
		return draft, err
	}
	same := func(a, b assignment) bool { return a.file == b.file && a.scalar == b.scalar && a.before == b.before }
	if slices.EqualFunc(draft.assigned, last.assigned, same) {
		return draft, nil
	}
	return nil, problem.New(problem.Refused, "look at what is deployed now: mage status -env="+b.Environment+"; if that is to go too, roll back again",
		"rolling back %s in %s@%s: something else was deployed meanwhile\n%s", b.Environment, b.Deployment.Repository, b.Deployment.Branch, table(draft.Changes))
}

// attempt commits a draft if the order of builds and the holds allow it.
func (c *Client) attempt(ctx context.Context, b Bump, draft *Draft, n int) (Commit, error) {
	found, err := c.judgeAll(ctx, b, draft, &pending{})
	if err != nil {
		return Commit{}, err
	}
	if draft, err = draft.without(b.Environment, found.ended); err != nil {
		return Commit{}, err
	}
	if n == 1 { // the same is found again on every head that did not change it
		c.tell(found.notices)
	}
	if err := b.ask(ctx, draft); err != nil {
		return Commit{}, err
	}
	m, err := render(b, draft, found)
	if err != nil {
		return Commit{}, err
	}
	return c.backend(b.Deployment).commit(ctx, draft, m)
}

// ask lets the caller refuse a draft. One that changes no value, such as a hold, is not theirs to judge.
func (b Bump) ask(ctx context.Context, draft *Draft) error {
	if b.Check == nil || len(draft.Changes) == 0 {
		return nil
	}
	return b.Check(ctx, draft)
}

// begin gives the change to start from. That nothing is to do is only believed from a fresh snapshot.
func (c *Client) begin(ctx context.Context, b Bump) (*Draft, error) {
	if s := b.Snapshot; s != nil && s.covers(b.Deployment) {
		draft, err := b.draft(ctx, s)
		fresh := c.clock.Now().Sub(s.readAt) <= freshness
		if fresh || err == nil && len(draft.Files) > 0 {
			return draft, err
		}
	}
	snapshot, err := c.backend(b.Deployment).read(ctx, b.Deployment)
	if err != nil {
		return nil, err
	}
	return b.draft(ctx, snapshot)
}

// again waits and reads the branch anew after a failed attempt on a snapshot.
func (c *Client) again(ctx context.Context, b Bump, s *Snapshot, failure error, n int) (*Snapshot, error) {
	if ctx.Err() != nil {
		return nil, failure
	}
	c.notice(fmt.Sprintf("%s@%s: %v, looking again (%d of %d)", b.Deployment.Repository, b.Deployment.Branch, failure, n, c.attempts))
	if err := c.clock.Sleep(ctx, c.backoff(b, s, failure, n)); err != nil {
		return nil, fmt.Errorf("%w: %w", failure, err)
	}
	return c.backend(b.Deployment).read(ctx, b.Deployment)
}

func exhausted(b Bump, failure error, attempts int) error {
	where := b.Deployment.Repository + "@" + b.Deployment.Branch
	if errors.Is(failure, errStale) {
		return problem.New(problem.Conflict, problem.Again+"; if it persists, find who commits to the branch without pause: git log "+b.Deployment.Branch,
			"committing to %s: the head moved before each of %d attempts", where, attempts)
	}
	return problem.New(problem.Failed, problem.Again+": it finishes the work and makes no second commit",
		"committing to %s: %d attempts: %w", where, attempts, failure)
}
