package rollout

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/runreport"
)

// DryRun returns the commits that drafts are of.
func (r *Rollout) DryRun(drafts []*edit.Draft, bumpOf BumpOf) runreport.DryRun {
	return runreport.DryRun{Drafts: drafts, Notes: r.Notes(), Fingerprint: Fingerprint(drafts, bumpOf)}
}

// CommitAll makes one commit in every deployment of the plan. What was made is returned also where one fails.
func (r *Rollout) CommitAll(ctx context.Context, bumpOf BumpOf) (runreport.Deployed, error) {
	ctx, stage := r.env.Stage(ctx, "bump")
	r.env.ResumeHere()
	made, err := r.commitAll(ctx, bumpOf)
	if err != nil {
		stage.Fail(err)
	} else {
		made.UpToDate = endCommits(stage, made.Results)
	}
	made.Notes = r.Notes()
	return made, err
}

func (r *Rollout) commitAll(ctx context.Context, bumpOf BumpOf) (made runreport.Deployed, err error) {
	for i := range r.env.Project.Plan.Deployments {
		b := bumpOf(i)
		made.Images = b.Images
		if b.Deployment.PullRequest != nil {
			b.Notes = r.Notes()
		}
		b.Approve = func(draft *edit.Draft) error { return r.approve(i, b, draft) }
		result, err := r.client.Bump(ctx, b)
		if err != nil {
			return made, err
		}
		made.Results = append(made.Results, result)
	}
	return made, nil
}

// endCommits ends the stage of commits that were made, and reports whether no deployment got another value.
func endCommits(stage *console.Stage, results []*bump.Result) (upToDate bool) {
	made := report.Report{Deployment: runreport.DeploymentsOf(results)}
	switch upToDate = isUpToDate(results); {
	case upToDate && len(made.Proposals()) > 0:
		stage.Skip("a pull request proposes the values of this commit already")
	case upToDate && KeepsAll(made.Deployment):
		stage.Done("the values stay as they are: the images are those that are deployed")
	case upToDate:
		stage.Skip("nothing is to change")
	default:
		stage.Done(commitSummary(made))
	}
	return upToDate
}

// isUpToDate reports whether no deployment got another value.
func isUpToDate(results []*bump.Result) bool {
	for _, result := range results {
		if !result.UpToDate && !runreport.DeploymentOf(result).KeepsAll() {
			return false
		}
	}
	return true
}

// KeepsAll reports whether all values were left alone.
func KeepsAll(made []report.Deployment) bool {
	for _, d := range made {
		if !d.KeepsAll() {
			return false
		}
	}
	return true
}

// commitSummary counts what the deployments got.
func commitSummary(made report.Report) string {
	proposed := len(made.Proposals())
	commits := report.Plural(len(made.Deployment)-proposed, "commit")
	switch proposed {
	case 0:
		return commits
	case len(made.Deployment):
		return report.Plural(proposed, "pull request")
	}
	return commits + ", " + report.Plural(proposed, "pull request")
}

// WarnProposed says where a pull request changes nothing by itself.
func WarnProposed(env *cli.Env, results []*bump.Result) {
	for _, place := range (report.Report{Deployment: runreport.DeploymentsOf(results)}).Proposals() {
		env.Console.Warn("in " + place + " nothing is changed or held until the pull request is merged")
	}
}
