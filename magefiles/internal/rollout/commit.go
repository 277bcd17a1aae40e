package rollout

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/runreport"
)

// CommitAll makes one commit in every deployment of the plan. What was made is returned also where one fails.
func (r *Rollout) CommitAll(ctx context.Context, bumpOf BumpOf) ([]*bump.Result, error) {
	ctx, stage := r.env.Stage(ctx, "bump")
	r.env.ResumeHere()
	var results []*bump.Result
	for i := range r.env.Project.Plan.Deployments {
		b := bumpOf(i)
		if b.Deployment.PullRequest != nil {
			b.Notes = r.Notes()
		}
		b.Approve = func(draft *edit.Draft) error { return r.approve(i, b, draft) }
		result, err := r.client.Bump(ctx, b)
		if err != nil {
			stage.Fail(err)
			return results, err
		}
		results = append(results, result)
	}
	made := report.Report{Deployment: deploymentsOf(results)}
	switch upToDate := UpToDate(results); {
	case upToDate && len(made.Proposals()) > 0:
		stage.Skip("a pull request proposes the values of this commit already")
	case upToDate && KeepsAll(made.Deployment):
		stage.Done("the values stay as they are: the images are those that are deployed")
	case upToDate:
		stage.Skip("nothing is to change")
	default:
		stage.Done(commitSummary(made))
	}
	return results, nil
}

// UpToDate reports whether no deployment got another value.
func UpToDate(results []*bump.Result) bool {
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

func deploymentsOf(results []*bump.Result) []report.Deployment {
	all := make([]report.Deployment, len(results))
	for i, result := range results {
		all[i] = runreport.DeploymentOf(result)
	}
	return all
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
func WarnProposed(env *cli.Env) {
	for _, place := range env.Report.Proposals() {
		env.Console.Warn("in " + place + " nothing is changed or held until the pull request is merged")
	}
}
