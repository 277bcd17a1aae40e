package sample

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Existing is the report of a command on images that exist.
func Existing(command report.Command) report.Report {
	r := Report(command)
	r.Environment, r.Commit = "prod", report.Commit{}
	r.From = &report.From{Environment: "stage", Repository: "xiilab/astrago-deployment", Commit: Deployed}
	return r
}

// Holds are one of each kind.
func Holds() []report.Hold {
	return []report.Hold{
		{
			Component: "core", Tag: "core-stage-1", Rejected: Deployed, Until: "newer", Reason: "login\nfails", By: "kim",
			Since: Time, Repository: "a/b", Branch: "main",
		},
		{Component: "batch", Until: "lift", Since: Time, Repository: "a/b", Branch: "main"},
	}
}

// Waited is of a run that waited for Argo CD.
func Waited() report.Report {
	r := Report(report.CommandWait)
	r.Images, r.Deployment[0].Changes = nil, nil
	r.Stages = []report.Timing{{Name: "wait", Started: Time, Seconds: 10.61, Outcome: report.Done}}
	r.Live = &report.Sync{
		Application: "astrago", URL: "https://argocd.example.com/applications/astrago", Revision: string(Deployed),
		Sync: "Synced", Health: "Healthy", Seconds: 10.6123,
	}
	return r
}

// FailedLater is a release of which the third stage fails.
func FailedLater() report.Report {
	r := Report(report.CommandRelease)
	r.Deployment, r.Stages = nil, r.Stages[:3]
	r.Stages[2].Outcome, r.Stages[2].Note = report.Refused, "refused"
	r.Fail(problem.New(problem.Refused, "mage hold -env=stage -lift", "bumping: stage is held"))
	return r
}

// Early is the report of a run that could not read its configuration.
func Early() report.Report {
	r := report.Report{Schema: report.Schema, Command: report.CommandPromote, Started: Time}
	r.Fail(Errors())
	return r
}
