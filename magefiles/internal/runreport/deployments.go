package runreport

import (
	"cmp"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// AddDeployed reports the commits in deployment repositories that were made, or were there already.
func (b *Builder) AddDeployed(deployed Deployed) {
	b.AddAllExisting(deployed.Found)
	b.report.Deployment = append(b.report.Deployment, DeploymentsOf(deployed.Results)...)
	for _, result := range deployed.Results {
		b.report.By = cmp.Or(b.report.By, result.Author)
	}
	b.report.Notes = deployed.Notes
	if deployed.UpToDate {
		b.NothingToDo()
	}
}

// AddLive reports how the environment's applications run, and the heads that were waited for, where this run has made no commit.
func (b *Builder) AddLive(live Live) {
	b.report.Deployment = append(b.report.Deployment, live.Heads...)
	if len(live.Syncs) > 0 {
		b.report.Live, b.report.AlsoLive = &live.Syncs[0], live.Syncs[1:]
	}
}

// AddDryRun reports what a run would do about images and deployments.
func (b *Builder) AddDryRun(run DryRun) {
	b.AddAllExisting(run.Found)
	b.addActions(run.Actions)
	b.report.DryRun, b.report.Notes, b.report.Fingerprint = true, run.Notes, run.Fingerprint
	for _, draft := range run.Drafts {
		b.report.Deployment = append(b.report.Deployment, report.Deployment{
			Repository: draft.Snapshot.Repository, Branch: draft.Snapshot.Branch, Subject: draft.Subject(),
			Changes: changesOf(draft.Changes),
			Kept:    keptOf(draft.Kept),
		})
	}
}

// AddHold reports a hold. commit is the one that put it.
func (b *Builder) AddHold(s *repo.Snapshot, h hold.Hold, commit repo.Commit) {
	b.report.Holds = append(b.report.Holds, report.Hold{
		Component: h.Component, Rejected: h.Rejected, Tag: h.Tag, Until: string(h.Until), Reason: h.Reason, By: cmp.Or(h.By, commit.By()),
		Since: h.Since, Repository: s.Repository, Branch: s.Branch, Commit: commit.SHA, Run: h.Run,
	})
}

// DeploymentsOf are the reported forms of commits.
func DeploymentsOf(results []*bump.Result) []report.Deployment {
	all := make([]report.Deployment, len(results))
	for i, result := range results {
		all[i] = DeploymentOf(result)
	}
	return all
}

// DeploymentOf is the reported form of a commit that was made, or was there already.
func DeploymentOf(result *bump.Result) report.Deployment {
	d := report.Deployment{
		Repository: result.Repository, Branch: result.Branch, Commit: result.Commit, URL: result.URL, Changes: changesOf(result.Changes),
		Kept: keptOf(result.Kept),
	}
	if pull := result.PullRequest; pull != nil {
		d.PullRequest = &report.PullRequest{Number: pull.Number, URL: pull.URL, Merged: pull.Merged}
	}
	return d
}

func changesOf(changes []edit.Change) []report.Change {
	reported := make([]report.Change, len(changes))
	for i, c := range changes {
		reported[i] = report.Change{
			File: c.File, Line: c.Line, Path: c.Path, Component: c.Component, Old: c.Old.String(), New: c.New.String(), Shared: c.Shared,
		}
	}
	return reported
}

func keptOf(kept []hold.Kept) []report.Kept {
	var all []report.Kept
	for _, k := range kept {
		all = append(all, report.Kept{Component: k.Component, Tag: k.Tag, Digest: k.Digest})
	}
	return all
}
