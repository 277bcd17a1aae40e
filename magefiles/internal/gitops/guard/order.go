package guard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// checkOrder compares every build that the draft would replace with the new one, component by component. where describes the replaced
// builds.
func (g Guards) checkOrder(ctx context.Context, b bump.Bump, draft *edit.Draft, where string) (Verdict, error) {
	var v Verdict
	if b.Ancestry == nil || b.Rollback != nil {
		return v, nil
	}
	builds, err := g.identifyBuilds(ctx, b, draft, Replaced(b, draft))
	if err != nil && !b.Force {
		return v, err
	}
	var refused []orderRefusal
	for _, old := range builds {
		judged, err := g.judgeBuild(ctx, b, old, where)
		if err != nil {
			return v, err
		}
		if judged.notice != "" {
			v.Notices = append(v.Notices, judged.notice)
		}
		if judged.text != "" {
			refused = append(refused, judged)
			v.Overridden = append(v.Overridden, judged.override)
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
		v.Notices = append(v.Notices, "forced: "+strings.Join(texts, "; "))
		return v, nil
	}
	return v, problem.New(problem.Refused, orderRemedy(refused),
		"refusing to deploy %s to %s@%s: %s", b.ShortSHA(), b.Deployment.Repository, b.Deployment.Branch, strings.Join(texts, "; "))
}

// orderRefusal is the reason why a build may not be replaced, or the notice where it may.
type orderRefusal struct {
	text     string // empty: it may
	override string // as in trailer.Forced
	way      string // to a release that is not refused
	notice   string
}

// judgeBuild compares one build with the new one. An unknown order is refused like a wrong one.
func (g Guards) judgeBuild(ctx context.Context, b bump.Bump, old Predecessor, where string) (orderRefusal, error) {
	if old.SHA == "" {
		return g.judgeUnnamed(ctx, b, old), nil
	}
	comparison, err := b.Ancestry.Compare(ctx, old.SHA, old.Ours)
	if err != nil && !b.Force {
		return orderRefusal{}, fmt.Errorf("comparing commit %s with %s, which %s has: %w",
			old.Ours.Short(), old.SHA.Short(), old.Names(), err)
	}
	if err != nil {
		comparison = git.Comparison{Relation: git.Unknown, Base: git.Commit{SHA: old.SHA}, Reason: err.Error()}
	}
	description := old.describe(comparison.Base, g.Clock.Now())
	override := fmt.Sprintf("%s %s@%s", comparison.Relation, b.Application(), comparison.Base.SHA)
	switch relation := comparison.Relation; {
	case relation == git.Behind, relation == git.Diverged && b.Deployment.Diverged == config.DivergedRefuse:
		return orderRefusal{
			text: describeRefusal(relation, where, description), override: override,
			way: "release a commit that contains the deployed one",
		}, nil
	case relation == git.Diverged:
		return orderRefusal{notice: describeRefusal(relation, where, description) + "; it is replaced, as `diverged: allow` says"}, nil
	case relation == git.Unknown:
		text := fmt.Sprintf("%s; it cannot be compared with %s: %s", description, old.Ours.Short(), comparison.Reason)
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

func describeRefusal(relation git.Relation, where, description string) string {
	if relation == git.Behind {
		return "a newer build " + where + ": " + description
	}
	return "a build from another line of history " + where + ": " + description
}
