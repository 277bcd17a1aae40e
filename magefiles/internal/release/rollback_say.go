package release

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// charts renders what the rollback would deploy. A chart that is broken must not keep anybody from going back, so -force
// passes it.
func (r *rollback) charts(ctx context.Context) error {
	if r.options.Force {
		if slices.ContainsFunc(r.plan.Deployments, func(d plan.Deployment) bool { return len(d.Checks) > 0 }) {
			r.console.Warn("-force: whether the charts render with these values is not checked")
		}
		return nil
	}
	return r.orForce(ctx, r.checkCharts(ctx, r.drafts, r.images))
}

// forceful is a chart check for a rollback; nil where none is to be made.
func (r *rollback) forceful(check func(context.Context, *deployment.Draft) error) func(context.Context, *deployment.Draft) error {
	if check == nil || r.options.Force {
		return nil
	}
	return func(ctx context.Context, draft *deployment.Draft) error { return r.orForce(ctx, check(ctx, draft)) }
}

// orForce adds the way past a chart check to its error.
func (r *rollback) orForce(ctx context.Context, err error) error {
	const remedy = "or roll back without this check: add -force"
	switch p := problem.As(err); {
	case err == nil, ctx.Err() != nil:
		return err
	case p == nil:
		return problem.New(problem.Failed, remedy, "%w", err)
	default:
		forced := *p
		forced.Remedy = strings.TrimPrefix(p.Remedy+"\n"+remedy, "\n")
		return &forced
	}
}

// thereAgain is the command line that goes to the state that was found, however often it is run.
func (r *rollback) thereAgain() string {
	o := r.options
	o.Environment, o.Reason = r.environment.Name, r.reason()
	if to := r.to(); to != "" {
		o.To, o.Steps = to, 0
	}
	return commandLine(report.CommandRollback, o)
}

// to names the state that was found.
func (r *rollback) to() string {
	for _, commit := range r.restored {
		if commit != "" {
			return commit
		}
	}
	return r.options.To
}

// recordHolds reports what the commits hold. A pull request holds nothing yet.
func (r *rollback) recordHolds() {
	for i, d := range r.report.Deployment {
		if d.Proposed() {
			continue
		}
		for _, held := range r.bumpOf(i).Hold {
			r.report.Holds = append(r.report.Holds, heldBy(r.at.snapshots[i], held, deployment.Commit{SHA: d.Commit, Author: r.report.By}))
		}
	}
}

// sayHeld tells whoever was woken up what happens to the next release.
func (r *rollback) sayHeld() {
	ends := "until a newer build is released"
	if r.environment.Hold.Until == config.HoldUntilLift {
		ends = "until it is lifted"
	}
	held, where := "is held", ""
	switch proposals := r.report.Proposals(); {
	case r.report.Proposed():
		held = "will be held, from the merge on,"
	case len(proposals) > 0:
		where = " (in " + strings.Join(proposals, ", ") + " from the merge on)"
	}
	r.console.Note(fmt.Sprintf("%s %s against %s and what came before%s, %s; to lift it: mage hold -env=%s -lift",
		r.environment.Name, held, r.describeRejected(), where, ends, r.environment.Name))
}

func (r *rollback) describeRejected() string {
	tags := make([]string, len(r.rejected))
	for i, build := range r.rejected {
		tags[i] = build.Tag
	}
	return strings.Join(tags, ", ")
}

// describe names the target's tags.
func (r *rollback) describe() string {
	var tags []string
	for _, component := range slices.Sorted(maps.Keys(r.target)) {
		if !slices.Contains(tags, r.target[component]) {
			tags = append(tags, r.target[component])
		}
	}
	if len(tags) > 3 {
		return count(len(tags), "tag")
	}
	return strings.Join(tags, ", ")
}
