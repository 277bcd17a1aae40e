package sample

import (
	"errors"
	"maps"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// RunURL is the page of the workflow's run.
const RunURL = "https://github.com/xiilab/astrago-backend/actions/runs/42"

// NextCommand has flags, as every command that continues a run.
const NextCommand = "mage release -env=stage -only=core,batch -reason='it'\\''s late'"

// Messages are the ends of a run, each of another kind.
func Messages() map[string]report.Report {
	open := Report(report.CommandBump)
	open.Deployment[0].PullRequest = &report.PullRequest{Number: 12, URL: "https://github.com/xiilab/astrago-deployment/pull/12"}
	unchanged := Report(report.CommandRelease)
	unchanged.Outcome, unchanged.Deployment[0].Changes = report.NothingToDo, nil
	all := existingMessages(open.Deployment[0])
	maps.Copy(all, map[string]report.Report{
		"done":      Report(report.CommandRelease),
		"proposed":  open,
		"unchanged": unchanged,
		"refused":   Failed(Refused()),
		"several":   Failed(Errors()),
		"failed":    Failed(errors.New("building core: exit code 1\n> [3/4] RUN make")),
		"uncertain": Failed(problem.New(problem.Failed, NextCommand+"\nit makes no second commit", "committing: no answer")),
		"forbidden": Failed(problem.New(problem.Failed, "give the token a permission\n"+NextCommand, "committing: forbidden")),
		"cancelled": Failed(problem.New(problem.Terminate, "run the same command again", "cancelled by SIGTERM")),
	})
	for name, r := range all {
		r.Run = RunURL
		if r.Error != nil {
			r.Next = NextCommand
		}
		all[name] = r
	}
	return all
}

// existingMessages are the ends of commands on images that exist; one has a deployment that waits in a pull request.
func existingMessages(proposed report.Deployment) map[string]report.Report {
	promoted, back := Existing(report.CommandPromote), Existing(report.CommandRollback)
	brings := Notes()
	takesBack := brings
	takesBack.Ranges = brings.Ranges[1:2]
	promoted.Notes, back.Notes = &brings, &takesBack
	back.From.Environment, back.Reason, back.By, back.Holds = back.Environment, "login fails", "kim", Holds()
	partly := Existing(report.CommandRollback)
	partly.Deployment = append(partly.Deployment, proposed)
	partly.Deployment[1].Repository = "xiilab/disaster-recovery"
	same := Existing(report.CommandRollback)
	same.Outcome, same.Deployment[0].Changes = report.NothingToDo, nil
	frozen, lifted := Existing(report.CommandHold), Existing(report.CommandHold)
	frozen.From, frozen.Images, frozen.Deployment[0].Changes, frozen.Reason, frozen.By = nil, nil, nil, "year-end closing", "kim"
	lifted.From, lifted.Images, lifted.Deployment[0].Changes = nil, nil, nil
	unrenderable := back
	unrenderable.Fail(Refused())
	return map[string]report.Report{
		"promoted":   promoted,
		"partly":     partly,
		"rollback":   back,
		"same":       same,
		"frozen":     frozen,
		"lifted":     lifted,
		"unrendered": unrenderable,
	}
}
