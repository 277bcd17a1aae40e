package deployment

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

const updateRefsMutation = `mutation UpdateRefs($input: UpdateRefsInput!) {
  updateRefs(input: $input) { clientMutationId }
}`

// refUpdate is a RefUpdate of GitHub's schema. All updates of one mutation happen, or none.
type refUpdate struct {
	Name      string `json:"name"`
	BeforeOID string `json:"beforeOid,omitempty"` // what it must point to; all zeros: it must not exist; empty: anything
	AfterOID  string `json:"afterOid"`            // all zeros: delete it
	Force     bool   `json:"force"`
}

// noObject is git's id of nothing.
var noObject = strings.Repeat("0", 40)

// publish puts one commit on top of the base onto the pull request's branch. The commit is made on a branch beside it,
// because GitHub closes a pull request whose branch is set back to its base even for a moment; the branch itself moves by
// a compare-and-swap, so that what somebody pushes meanwhile is never lost. What a killed run leaves beside it, the next
// one overwrites.
func (c *Client) publish(ctx context.Context, p proposal) (Commit, error) {
	if p.pending.head != "" {
		if err := c.requireOurs(ctx, p); err != nil {
			return Commit{}, err
		}
	}
	staging, base := p.staging(), p.draft.Snapshot
	err := c.updateRefs(ctx, base, refUpdate{Name: "refs/heads/" + staging, AfterOID: base.Head, Force: true})
	if err != nil {
		return Commit{}, uncertain(err, p, "preparing branch "+staging+" of")
	}
	commit, err := c.backend(p.Deployment).commit(ctx, p.draft.on(staging), p.message)
	if err != nil {
		return Commit{}, err
	}
	before := p.pending.head
	if before == "" {
		before = noObject
	}
	err = c.updateRefs(ctx, base,
		refUpdate{Name: "refs/heads/" + p.pending.branch, BeforeOID: before, AfterOID: commit.SHA, Force: true},
		refUpdate{Name: "refs/heads/" + staging, BeforeOID: commit.SHA, AfterOID: noObject},
	)
	if err != nil {
		return commit, c.moved(ctx, p, commit, err)
	}
	return commit, nil
}

// staging cannot be the branch of another service or environment, whose names have no dot.
func (p proposal) staging() string { return p.pending.branch + ".next" }

// moved finds out what became of a failed update, whose text GitHub does not publish: somebody else has moved the branch,
// it was done and the answer lost, or it was refused.
func (c *Client) moved(ctx context.Context, p proposal, commit Commit, failure error) error {
	head, err := c.headOf(ctx, p.draft.Snapshot.Repository, p.pending.branch)
	switch {
	case err != nil && !errors.Is(err, errNoRef):
		return fmt.Errorf("%w: %w", errUncertain, errors.Join(failure, err))
	case head == commit.SHA:
		return nil
	case head != p.pending.head:
		return errStale
	}
	if staged, err := c.headOf(ctx, p.draft.Snapshot.Repository, p.staging()); err == nil && staged != commit.SHA || errors.Is(err, errNoRef) {
		return errStale // another bump of the same service and environment is at work
	}
	return uncertain(failure, p, "moving branch "+p.pending.branch+" of")
}

// uncertain keeps a failure that leaves the outcome open apart from a refusal.
func uncertain(err error, p proposal, doing string) error {
	if isUncertain(err) {
		return fmt.Errorf("%w: %w", errUncertain, err)
	}
	return diagnose(err, p.Deployment, doing)
}

// updateRefs is the mutation of that name, see https://docs.github.com/en/graphql/reference/git#mutation-updaterefs.
func (c *Client) updateRefs(ctx context.Context, s *Snapshot, updates ...refUpdate) error {
	var answer struct{}
	return c.graphql.mutate(ctx, updateRefsMutation, map[string]any{
		"input": map[string]any{"repositoryId": s.nodeID, "refUpdates": updates},
	}, &answer)
}

// on is the same draft for another branch that points to the same commit.
func (d *Draft) on(branch string) *Draft {
	snapshot, moved := *d.Snapshot, *d
	snapshot.Branch = branch
	moved.Snapshot = &snapshot
	return &moved
}
