package sample

import (
	"errors"
	"fmt"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Report is of a run of Plan that went well.
func Report(command report.Command) report.Report {
	p := Plan()
	r := report.New(command, p, Time)
	r.Seconds = 10.61
	d := report.Deployment{
		Repository: "xiilab/astrago-deployment", Branch: "stabilize/1.0", Commit: Deployed, URL: deployGitHub + string(Deployed),
	}
	for i, image := range p.Images {
		r.Images = append(r.Images, report.Image{
			Component: image.Component, Ref: image.Ref(), Digest: digest.Digest(Digest(i)), Size: int64(12_400_000 * (i*i*9 + 1)),
			Steps: 7, CachedSteps: 7 - 2*i, State: report.Pushed, Seconds: 0.5 + 1.25*float64(i),
		})
		d.Changes = append(d.Changes, report.Change{
			File: ValuesFile, Line: 4 + 3*i, Path: ".astrago." + string(image.Component) + ".imageTag", Component: image.Component,
			Old: tag(image.Component, "9f8e7d6c"), New: image.Tag,
		})
	}
	r.Images[0].PreviousSize, r.Images[1].PreviousSize = r.Images[0].Size-1_200_000, r.Images[1].Size+40_000
	r.Deployment = []report.Deployment{d}
	r.Warnings = Warnings()
	r.Stages = []report.Timing{
		{Name: "build", Started: Time, Seconds: 8.1, Outcome: report.Done, Note: "3 images, 15 of 21 steps cached"},
		{Name: "push", Started: Time.Add(8100 * time.Millisecond), Seconds: 2.2, Outcome: report.Done, Note: "12.4 MB uploaded"},
		{Name: "bump", Started: Time.Add(10300 * time.Millisecond), Seconds: 0.31, Outcome: report.Done, Note: "3 values"},
		{Name: "argocd", Started: Time.Add(10610 * time.Millisecond), Outcome: report.Skipped, Note: "no application"},
	}
	return r
}

// Failed is of a release whose first stage failed.
func Failed(err error) report.Report {
	r := Report(report.CommandRelease)
	r.Deployment, r.Stages, r.Seconds = nil, r.Stages[:1], 8.4
	r.Stages[0].Outcome, r.Stages[0].Note = report.OutcomeOf(err), ""
	r.Fail(err)
	return r
}

// Errors are two mistakes found at once, as config reports them, under the words of a caller.
func Errors() error {
	first := problem.New(problem.Usage, "did you mean `dockerfile`?", "unknown key %q", "dockerfil").At(problem.Place{
		File: "astrago.yaml", Line: 9, Column: 13,
		Snippet: "    8 | components: # 이미지\n  > 9 |   코어: { dockerfil: docker/core/Dockerfile }\n      |           ^",
	})
	second := problem.New(problem.Usage, "", "missing key %q", "branch").At(problem.Place{File: "astrago.yaml", Line: 17})
	return fmt.Errorf("reading the configuration: %w", errors.Join(first, second))
}

// Refused returns the error of a deployment that was not changed.
func Refused() error {
	return fmt.Errorf("bumping %s: %w", "xiilab/astrago-deployment", problem.New(problem.Refused,
		"correct the path in astrago.yaml, or add the key to the values file\nkeys that exist there: .astrago.core.imageTag",
		"setting %q: no such key", ".astrago.cor.imageTag").At(problem.Place{
		File: "xiilab/astrago-deployment@stabilize/1.0:" + ValuesFile, Line: 4, Column: 3,
	}))
}

// Warnings are one with a rule and one without.
func Warnings() []report.Warning {
	return []report.Warning{{
		Rule: "FromAsCasing", Message: "'as' and 'FROM' keywords' casing do not match", Components: []component.Name{"core", "batch"},
		Place: &report.Place{File: "docker/서버/Dockerfile", Line: 3}, Remedy: "https://docs.docker.com/go/dockerfile/rule/from-as-casing/",
	}, {
		Message:    "build context . has 12,000 files, 310.0 MB; the largest folders: node_modules 11,900 files, 300.0 MB",
		Components: []component.Name{"core"},
		Remedy:     "leave out what no COPY needs: add to .dockerignore\nnode_modules",
	}}
}
