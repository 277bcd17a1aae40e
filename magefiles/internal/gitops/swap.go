package gitops

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/guard"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/message"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// snapshotTrust is the age up to which an earlier snapshot is accepted as proof that nothing is to do. A commit needs no such trust, the
// compare-and-swap checks it.
const snapshotTrust = 10 * time.Second

// Bump commits the new values: one read and one write, or only the write when b.Snapshot was read before. When
// the head has moved it starts again from the new head. A lost answer is never followed by a second commit: the branch's
// history is searched for the Bump-Id first. Problems carry problem.Conflict when the branch never stood still.
func (c *Client) Bump(ctx context.Context, b bump.Bump) (*bump.Result, error) {
	b = b.Pinned()
	if err := b.Validate(); err != nil {
		return nil, err
	}
	ctx, cancel := c.deadline.Limit(ctx)
	defer cancel()
	change := c.commitDirectly
	if b.Deployment.PullRequest != nil {
		change = c.proposeChange
	}
	result, err := change(ctx, b)
	if err != nil {
		return nil, c.deadline.Explain(ctx, b.Deployment, err)
	}
	return result, nil
}

func (c *Client) commitDirectly(ctx context.Context, b bump.Bump) (*bump.Result, error) {
	draft, err := c.firstDraft(ctx, b)
	if err != nil {
		return nil, err
	}
	id, begun := b.ID(), draft.Snapshot
	for n := 1; ; n++ {
		if len(draft.Files) == 0 {
			return bump.Unchanged(draft, id, n-1), nil
		}
		if err := b.AskApproval(draft); err != nil {
			return nil, err
		}
		commit, failure := c.tryCommit(ctx, b, draft, n)
		if failure == nil {
			return bump.Changed(draft, commit, id, n), nil
		}
		if !errors.Is(failure, repo.ErrStale) && !errors.Is(failure, repo.ErrUncertain) {
			return nil, failure
		}
		snapshot, err := c.refetch(ctx, b, draft.Snapshot, failure, n)
		if err != nil {
			return nil, err
		}
		commit, ok, err := c.findCommitted(ctx, id, begun, snapshot, len(draft.Changes) == 0)
		if err != nil {
			return nil, err
		}
		if ok {
			return bump.Changed(draft, commit, id, n), nil
		}
		if n == c.attempts {
			return nil, outOfAttempts(b, failure, n)
		}
		if draft, err = b.Redraft(ctx, draft, snapshot); err != nil {
			return nil, err
		}
	}
}

// tryCommit commits a draft if the order of builds and the holds allow it.
func (c *Client) tryCommit(ctx context.Context, b bump.Bump, draft *edit.Draft, n int) (repo.Commit, error) {
	found, err := c.guards.Judge(ctx, b, draft, guard.Proposed{})
	if err != nil {
		return repo.Commit{}, err
	}
	if draft, err = draft.Without(b.Environment, found.Ended); err != nil {
		return repo.Commit{}, err
	}
	if n == 1 { // the same is found again on every head that did not change it
		c.noticeAll(found.Notices)
	}
	if err := b.AskCheck(ctx, draft); err != nil {
		return repo.Commit{}, err
	}
	m, err := message.Render(b, draft, found)
	if err != nil {
		return repo.Commit{}, err
	}
	return c.Repo.Commit(ctx, b.Deployment, draft.Snapshot, draft.Files, m)
}

// firstDraft returns the change to start from. That nothing is to do is only believed from a fresh snapshot.
func (c *Client) firstDraft(ctx context.Context, b bump.Bump) (*edit.Draft, error) {
	if s := b.Snapshot; s != nil && s.Covers(b.Deployment) {
		draft, err := b.DraftOn(ctx, s)
		fresh := c.clock.Now().Sub(s.ReadAt) <= snapshotTrust
		if fresh || err == nil && len(draft.Files) > 0 {
			return draft, err
		}
	}
	snapshot, err := c.Repo.ReadOnce(ctx, b.Deployment)
	if err != nil {
		return nil, err
	}
	return b.DraftOn(ctx, snapshot)
}

// refetch waits and reads the branch again after a failed attempt on a snapshot.
func (c *Client) refetch(ctx context.Context, b bump.Bump, s *repo.Snapshot, failure error, n int) (*repo.Snapshot, error) {
	if ctx.Err() != nil {
		return nil, failure
	}
	c.notice(fmt.Sprintf("%s@%s: %v, looking again (%d of %d)", b.Deployment.Repository, b.Deployment.Branch, failure, n, c.attempts))
	if err := c.clock.Sleep(ctx, c.waitAfter(b, s, failure, n)); err != nil {
		return nil, fmt.Errorf("%w: %w", failure, err)
	}
	return c.Repo.ReadOnce(ctx, b.Deployment)
}

func outOfAttempts(b bump.Bump, failure error, attempts int) error {
	where := b.Deployment.Repository + "@" + b.Deployment.Branch
	if errors.Is(failure, repo.ErrStale) {
		return problem.New(problem.Conflict,
			problem.Again+"; if it persists, find who commits to the branch without pause: git log "+b.Deployment.Branch,
			"committing to %s: the head moved before each of %d attempts", where, attempts)
	}
	return problem.New(problem.Failed, problem.Again+": it finishes the work and makes no second commit",
		"committing to %s: %d attempts: %w", where, attempts, failure)
}

// proposeChange opens a pull request, or brings the open one up to date. It starts again from the base's new head as Bump does.
func (c *Client) proposeChange(ctx context.Context, b bump.Bump) (*bump.Result, error) {
	draft, err := c.firstDraft(ctx, b)
	if err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		if err := b.AskApproval(draft); err != nil {
			return nil, err
		}
		result, failure := c.proposer.Propose(ctx, b, draft, n)
		if !errors.Is(failure, repo.ErrStale) && !errors.Is(failure, repo.ErrUncertain) {
			return result, failure
		}
		if n == c.attempts {
			return nil, outOfAttempts(b, failure, n)
		}
		base, err := c.refetch(ctx, b, draft.Snapshot, failure, n)
		if err != nil {
			return nil, err
		}
		if draft, err = b.Redraft(ctx, draft, base); err != nil {
			return nil, err
		}
	}
}

func (c *Client) noticeAll(notices []string) {
	for _, text := range notices {
		c.notice(text)
	}
}
