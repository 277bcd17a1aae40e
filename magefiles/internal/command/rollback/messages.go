package rollback

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
	"github.com/xiilab/astrago-ci/magefiles/internal/runreport"
)

// checkCharts renders what the rollback would deploy. A chart that is broken must not keep anybody from going back, so -force
// passes it.
func (r *rollback) checkCharts(ctx context.Context) error {
	if r.options.Force {
		if rollout.HasChecks(r.env.Project.Plan.Deployments) {
			r.env.Console.Warn("-force: whether the charts render with these values is not checked")
		}
		return nil
	}
	return r.addForceHint(ctx, r.rollout.Charts.CheckDrafts(ctx, r.drafts, r.images))
}

// withForceHint is a chart check for a rollback; nil where none is to be made.
func (r *rollback) withForceHint(check func(context.Context, *edit.Draft) error) func(context.Context, *edit.Draft) error {
	if check == nil || r.options.Force {
		return nil
	}
	return func(ctx context.Context, draft *edit.Draft) error {
		return r.addForceHint(ctx, check(ctx, draft))
	}
}

// addForceHint adds the way past a chart check to its error.
func (r *rollback) addForceHint(ctx context.Context, err error) error {
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

// restoredName names the state that was found.
func (r *rollback) restoredName() string { return cmp.Or(string(r.target.commit()), r.options.To) }

// reportHolds reports what the commits hold. A pull request holds nothing yet.
func (r *rollback) reportHolds(results []*bump.Result) {
	for i, result := range results {
		if runreport.DeploymentOf(result).Proposed() {
			continue
		}
		for _, held := range r.bumpOf(i).Hold {
			r.env.Record.AddHold(r.at.Snapshots[i], held, repo.Commit{SHA: result.Commit, Author: result.Author})
		}
	}
}

// printHold says what happens to the next release.
func (r *rollback) printHold(results []*bump.Result) {
	ends := "until a newer build is released"
	if r.env.Project.Environment.Hold.Until == config.HoldUntilLift {
		ends = "until it is lifted"
	}
	held, where := "is held", ""
	made := report.Report{Deployment: runreport.DeploymentsOf(results)}
	switch proposals := made.Proposals(); {
	case made.Proposed():
		held = "will be held, from the merge on,"
	case len(proposals) > 0:
		where = " (in " + strings.Join(proposals, ", ") + " from the merge on)"
	}
	r.env.Console.Note(fmt.Sprintf("%s %s against %s and what came before%s, %s; to lift it: mage hold -env=%s -lift",
		r.env.Project.Environment.Name, held, r.rejectedSummary(), where, ends, r.env.Project.Environment.Name))
}

func (r *rollback) rejectedSummary() string {
	tags := make([]string, len(r.rejected))
	for i, build := range r.rejected {
		tags[i] = build.Tag
	}
	return strings.Join(tags, ", ")
}
