package deployment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// Ancestry tells how the commits of the application repository stand to each other.
type Ancestry interface {
	// Compare tells how head stands to base, which may be abbreviated. That nobody knows is an answer (source.Unknown);
	// an error means that whoever would know could not be asked.
	Compare(ctx context.Context, base, head string) (source.Comparison, error)
}

// verdict is what the order guard found of a draft that may be committed.
type verdict struct {
	overridden []string // what was forced, as in TrailerForced
	ended      []Hold   // those that end, because the build is newer than the rejected one
	notices    []string
}

// CheckOrder refuses (problem.Refused) a draft that a guard forbids, and says nothing else: one that would replace a newer
// build with an older one, or a component that is held. Bump checks it again for every head that it commits on; asking
// before saves a build that could not be deployed.
func (c *Client) CheckOrder(ctx context.Context, b Bump, draft *Draft) error {
	if len(draft.Files) == 0 {
		return nil
	}
	ctx, cancel := c.limit(ctx)
	defer cancel()
	p := &pending{}
	if b.Deployment.PullRequest != nil && b.Ancestry != nil {
		var err error
		if p, err = c.pendingOf(ctx, b, draft.Snapshot); err != nil {
			return c.explain(ctx, b.Deployment, err)
		}
	}
	_, err := c.judgeAll(ctx, b, draft, p)
	return err
}

// judgeAll asks every guard, and also takes into account what an open pull request proposes already.
func (c *Client) judgeAll(ctx context.Context, b Bump, draft *Draft, p *pending) (verdict, error) {
	v, err := c.judgeHolds(ctx, b, draft)
	if err != nil {
		return v, err
	}
	order, err := c.judge(ctx, b, draft, "is deployed")
	v.overridden, v.notices = append(order.overridden, v.overridden...), append(order.notices, v.notices...)
	if err != nil || p.pull == nil || p.snapshot == nil {
		return v, err
	}
	proposed, err := p.snapshot.Edit(b.Deployment)
	if err != nil {
		return v, nil //nolint:nilerr // the branch is older than the keys that are to be set, and is made anew
	}
	more, err := c.judge(ctx, b, proposed, fmt.Sprintf("is proposed in pull request #%d", p.pull.GetNumber()))
	if err != nil {
		return v, err
	}
	for _, forced := range more.overridden {
		if !slices.Contains(v.overridden, forced) {
			v.overridden = append(v.overridden, forced)
		}
	}
	return v, nil
}

// judge compares every build that the draft would replace with ours, component by component. where says what they are.
func (c *Client) judge(ctx context.Context, b Bump, draft *Draft, where string) (verdict, error) {
	var v verdict
	if b.Ancestry == nil || b.Rollback != nil {
		return v, nil
	}
	var refusals []string
	for _, old := range b.replaced(draft) {
		if old.sha == "" {
			v.notices = append(v.notices, old.names()+": nothing tells which commit is deployed, so the order of builds was not checked")
			continue
		}
		comparison, err := b.Ancestry.Compare(ctx, old.sha, old.ours)
		if err != nil && !b.Force {
			return v, fmt.Errorf("comparing commit %.8s with %.8s, which %s has: %w", old.ours, old.sha, old.names(), err)
		}
		if err != nil {
			comparison = source.Comparison{Relation: source.Unknown, Base: source.Commit{SHA: old.sha}, Reason: err.Error()}
		}
		description := old.describe(comparison.Base, c.clock.Now())
		switch relation := comparison.Relation; {
		case relation == source.Behind, relation == source.Diverged && b.Deployment.Diverged == config.DivergedRefuse:
			refusals = append(refusals, refusal(relation, where, description))
			v.overridden = append(v.overridden, fmt.Sprintf("%s %s@%s", relation, b.application(), comparison.Base.SHA))
		case relation == source.Diverged:
			v.notices = append(v.notices, refusal(relation, where, description)+"; it is replaced, as `diverged: allow` says")
		case relation == source.Unknown:
			v.notices = append(v.notices, fmt.Sprintf("%s; it cannot be compared with %.8s: %s", description, old.ours, comparison.Reason))
		}
	}
	if len(refusals) == 0 {
		return v, nil
	}
	if b.Force {
		v.notices = append(v.notices, "forced: "+strings.Join(refusals, "; "))
		return v, nil
	}
	return v, problem.New(problem.Refused,
		"release a commit that contains the deployed one, or replace it on purpose: add -force",
		"refusing to deploy %s to %s@%s: %s", b.shortSHA(), b.Deployment.Repository, b.Deployment.Branch, strings.Join(refusals, "; "))
}

func (c *Client) tell(notices []string) {
	for _, text := range notices {
		c.notice(text)
	}
}

func refusal(relation source.Relation, where, description string) string {
	if relation == source.Behind {
		return "a newer build " + where + ": " + description
	}
	return "a build from another line of history " + where + ": " + description
}
