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

// CheckOrder refuses (problem.Refused) a draft that a guard forbids: one that would replace a newer build with an older one, or
// a component that is held. It returns what Bump would say of a draft that passes. Bump checks it again for every head that it
// commits on; asking before saves a build that could not be deployed.
func (c *Client) CheckOrder(ctx context.Context, b Bump, draft *Draft) (notices []string, err error) {
	if len(draft.Files) == 0 {
		return nil, nil
	}
	ctx, cancel := c.limit(ctx)
	defer cancel()
	p := &pending{}
	if b.Deployment.PullRequest != nil && b.Ancestry != nil {
		if p, err = c.pendingOf(ctx, b, draft.Snapshot); err != nil {
			return nil, c.explain(ctx, b.Deployment, err)
		}
	}
	v, err := c.judgeAll(ctx, b, draft, p)
	return v.notices, err
}

// CheckHolds refuses (problem.Refused) a draft that sets a component that is held. CheckOrder asks the same, of the images that
// are known by then: this asks again once all are, and makes no request where nothing is held and nothing is proposed.
func (c *Client) CheckHolds(ctx context.Context, b Bump, draft *Draft) (notices []string, err error) {
	if len(draft.Files) == 0 {
		return nil, nil
	}
	ctx, cancel := c.limit(ctx)
	defer cancel()
	v, err := c.judgeHolds(ctx, b, draft)
	if err != nil || b.Deployment.PullRequest == nil || b.waits() {
		return v.notices, err
	}
	p, err := c.pendingOf(ctx, b, draft.Snapshot)
	if err != nil {
		return v.notices, c.explain(ctx, b.Deployment, err)
	}
	proposed, err := c.judgeProposed(ctx, b, draft.Snapshot, p)
	return append(v.notices, proposed.notices...), err
}

// waits reports whether it is not known yet what the bump keeps: a hold may be of what it leaves alone. CheckHolds asks later.
func (b Bump) waits() bool {
	return b.keeps() && slices.ContainsFunc(b.Images, func(image Image) bool { return image.Digest == "" })
}

// judgeAll asks every guard, and also takes into account what an open pull request proposes already.
func (c *Client) judgeAll(ctx context.Context, b Bump, draft *Draft, p *pending) (verdict, error) {
	owners, err := c.judgeOwners(ctx, b, draft)
	if err != nil {
		return owners, err
	}
	var v verdict
	if !b.waits() {
		if v, err = c.judgeHolds(ctx, b, draft); err != nil {
			return v, err
		}
		proposed, err := c.judgeProposed(ctx, b, draft.Snapshot, p)
		if err != nil {
			return proposed, err
		}
		v.overridden, v.notices = append(v.overridden, proposed.overridden...), append(v.notices, proposed.notices...)
	}
	v.overridden, v.notices = append(owners.overridden, v.overridden...), append(owners.notices, v.notices...)
	order, err := c.judge(ctx, b, draft.whole(), "is deployed")
	v.overridden, v.notices = append(order.overridden, v.overridden...), append(order.notices, v.notices...)
	if err != nil || p.pull == nil || p.snapshot == nil {
		return v, err
	}
	proposed, err := p.snapshot.edit(b.Deployment, nil)
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
	builds, err := c.identify(ctx, b, draft, b.replaced(draft))
	if err != nil && !b.Force {
		return v, err
	}
	var refused []orderRefusal
	for _, old := range builds {
		judged, err := c.judgeBuild(ctx, b, old, where)
		if err != nil {
			return v, err
		}
		if judged.notice != "" {
			v.notices = append(v.notices, judged.notice)
		}
		if judged.text != "" {
			refused = append(refused, judged)
			v.overridden = append(v.overridden, judged.override)
		}
	}
	if len(refused) == 0 {
		return v, nil
	}
	texts := make([]string, len(refused))
	for i, r := range refused {
		texts[i] = r.text
	}
	if b.Force {
		v.notices = append(v.notices, "forced: "+strings.Join(texts, "; "))
		return v, nil
	}
	return v, problem.New(problem.Refused, orderRemedy(refused),
		"refusing to deploy %s to %s@%s: %s", b.shortSHA(), b.Deployment.Repository, b.Deployment.Branch, strings.Join(texts, "; "))
}

// orderRefusal is why a build may not be replaced, or what is to be said where it may.
type orderRefusal struct {
	text     string // empty: it may
	override string // as in TrailerForced
	way      string // to a release that is not refused
	notice   string
}

// judgeBuild compares one build with ours. An order that nothing tells is refused like a wrong one.
func (c *Client) judgeBuild(ctx context.Context, b Bump, old build, where string) (orderRefusal, error) {
	if old.sha == "" {
		return c.judgeUnnamed(ctx, b, old), nil
	}
	comparison, err := b.Ancestry.Compare(ctx, old.sha, old.ours)
	if err != nil && !b.Force {
		return orderRefusal{}, fmt.Errorf("comparing commit %.8s with %.8s, which %s has: %w", old.ours, old.sha, old.names(), err)
	}
	if err != nil {
		comparison = source.Comparison{Relation: source.Unknown, Base: source.Commit{SHA: old.sha}, Reason: err.Error()}
	}
	description := old.describe(comparison.Base, c.clock.Now())
	override := fmt.Sprintf("%s %s@%s", comparison.Relation, b.application(), comparison.Base.SHA)
	switch relation := comparison.Relation; {
	case relation == source.Behind, relation == source.Diverged && b.Deployment.Diverged == config.DivergedRefuse:
		return orderRefusal{text: refusal(relation, where, description), override: override, way: "release a commit that contains the deployed one"}, nil
	case relation == source.Diverged:
		return orderRefusal{notice: refusal(relation, where, description) + "; it is replaced, as `diverged: allow` says"}, nil
	case relation == source.Unknown:
		text := fmt.Sprintf("%s; it cannot be compared with %.8s: %s", description, old.ours, comparison.Reason)
		way := "let the order be known: git fetch (in a workflow: actions/checkout with fetch-depth: 0)"
		if b.Source.Repository != "" {
			way += ", or set GITHUB_TOKEN to a token with Contents: read on " + b.Source.Repository
		}
		return orderRefusal{text: text, override: override, way: way}, nil
	}
	return orderRefusal{}, nil
}

// orderRemedy names a way past each kind of refusal.
func orderRemedy(refused []orderRefusal) string {
	var ways []string
	for _, r := range refused {
		if !slices.Contains(ways, r.way) {
			ways = append(ways, r.way)
		}
	}
	return strings.Join(append(ways, "replace what is deployed on purpose: add -force"), "\nor ")
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
