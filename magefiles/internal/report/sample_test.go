package report_test

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

var (
	sampleTime = time.Date(2025, 9, 12, 1, 4, 5, 0, time.UTC)
	sampleSHA  = "a1b2c3d4" + strings.Repeat("e5f60718", 4)
	deployed   = "7f3c2d1e" + strings.Repeat("0a9b8c7d", 4)
)

const (
	sampleTitle  = "배치 작업의 재시도 간격을 늘린다 | 3초 -> 30초"
	valuesFile   = "helmfile/environments/customers/xiilab/values.yaml"
	deployGitHub = "https://github.com/xiilab/astrago-deployment/commit/"
)

// clock tells the time that the sample run has reached.
type clock struct{ now time.Time }

func newClock() *clock                     { return &clock{now: sampleTime} }
func (c *clock) read() time.Time           { return c.now }
func (c *clock) advance(d time.Duration)   { c.now = c.now.Add(d) }
func digest(n int) string                  { return "sha256:" + strings.Repeat(fmt.Sprintf("%x", n+1), 64) }
func tag(component, version string) string { return component + "-stage-" + version }

// sampleActions are those of samplePlan's images.
func sampleActions() []plan.Action {
	return []plan.Action{
		{Component: "core", Do: plan.DoBuild, Why: "no image has been pushed that was built from the same"},
		{Component: "batch", Do: plan.DoRetag, Why: "commit 9f8e7d6c was built from the same"},
		{Component: "monitor", Do: plan.DoDone, Why: "the registry has it"},
	}
}

func samplePlan() plan.Plan {
	p := plan.Plan{
		Service:     "backend",
		Environment: "stage",
		Commit: source.Commit{
			Root: "/src/backend", SHA: sampleSHA, Branch: "stabilize/1.0", Time: sampleTime,
			Author: "김하늘", Title: sampleTitle, Repository: "xiilab/astrago-backend",
			URL: "https://github.com/xiilab/astrago-backend",
		},
		Prepare: config.Prepare{Run: []string{"./gradlew bootJar --no-daemon --parallel"}},
		ArgoCD:  []config.ArgoCD{{Application: "astrago"}},
	}
	var edits []plan.Edit
	for _, name := range []string{"core", "batch", "monitor"} {
		image := plan.Image{
			Component: name, Repository: "ghcr.io/xiilab/astrago-backend", Tag: tag(name, "a1b2c3d4"),
			Context: ".", Dockerfile: "docker/" + name + "/Dockerfile",
			Labels: map[string]string{"org.opencontainers.image.title": name},
		}
		p.Images = append(p.Images, image)
		edits = append(edits, plan.Edit{Component: name, Image: image.Ref(), Expressions: []string{
			fmt.Sprintf(".astrago.%s.imageTag = %q", name, image.Tag),
		}})
	}
	p.Images[0].Secrets = []config.Secret{{ID: "npm", Env: "NPM_TOKEN"}}
	p.Deployments = []plan.Deployment{{
		Repository: "xiilab/astrago-deployment", Branch: "stabilize/1.0", API: config.APIGraphQL, Diverged: config.DivergedAllow, Unchanged: config.UnchangedSet, Subject: "OPS-1 deploy(stage): astrago-backend a1b2c3d4", Files: []plan.File{{Path: valuesFile, Edits: edits}},
	}}
	return p
}

func sampleReport(command report.Command) report.Report {
	p := samplePlan()
	r := report.New(command, p, sampleTime)
	r.Seconds = 10.61
	d := report.Deployment{Repository: "xiilab/astrago-deployment", Branch: "stabilize/1.0", Commit: deployed, URL: deployGitHub + deployed}
	for i, image := range p.Images {
		r.Images = append(r.Images, report.Image{
			Component: image.Component, Ref: image.Ref(), Digest: digest(i), Size: int64(12_400_000 * (i*i*9 + 1)),
			Steps: 7, CachedSteps: 7 - 2*i, State: report.Pushed, Seconds: 0.5 + 1.25*float64(i),
		})
		d.Changes = append(d.Changes, report.Change{
			File: valuesFile, Line: 4 + 3*i, Path: ".astrago." + image.Component + ".imageTag", Component: image.Component,
			Old: tag(image.Component, "9f8e7d6c"), New: image.Tag,
		})
	}
	r.Images[0].PreviousSize, r.Images[1].PreviousSize = r.Images[0].Size-1_200_000, r.Images[1].Size+40_000
	r.Deployment = []report.Deployment{d}
	r.Warnings = sampleWarnings()
	r.Stages = []report.Timing{
		{Name: "build", Started: sampleTime, Seconds: 8.1, Outcome: report.Done, Note: "3 images, 15 of 21 steps cached"},
		{Name: "push", Started: sampleTime.Add(8100 * time.Millisecond), Seconds: 2.2, Outcome: report.Done, Note: "12.4 MB uploaded"},
		{Name: "bump", Started: sampleTime.Add(10300 * time.Millisecond), Seconds: 0.31, Outcome: report.Done, Note: "3 values"},
		{Name: "argocd", Started: sampleTime.Add(10610 * time.Millisecond), Outcome: report.Skipped, Note: "no application"},
	}
	return r
}

func failedReport(err error) report.Report {
	r := sampleReport(report.CommandRelease)
	r.Deployment, r.Stages, r.Seconds = nil, r.Stages[:1], 8.4
	r.Stages[0].Outcome, r.Stages[0].Note = report.OutcomeOf(err), ""
	r.Fail(err)
	return r
}

// sampleErrors are two mistakes found at once, as config reports them, under the words of a caller.
func sampleErrors() error {
	first := problem.New(problem.Usage, "did you mean `dockerfile`?", "unknown key %q", "dockerfil").At(problem.Place{
		File: "astrago.yaml", Line: 9, Column: 13,
		Snippet: "    8 | components: # 이미지\n  > 9 |   코어: { dockerfil: docker/core/Dockerfile }\n      |           ^",
	})
	second := problem.New(problem.Usage, "", "missing key %q", "branch").At(problem.Place{File: "astrago.yaml", Line: 17})
	return fmt.Errorf("reading the configuration: %w", errors.Join(first, second))
}

func refusedError() error {
	return fmt.Errorf("bumping %s: %w", "xiilab/astrago-deployment", problem.New(problem.Refused,
		"correct the path in astrago.yaml, or add the key to the values file\nkeys that exist there: .astrago.core.imageTag",
		"setting %q: no such key", ".astrago.cor.imageTag").At(problem.Place{
		File: "xiilab/astrago-deployment@stabilize/1.0:" + valuesFile, Line: 4, Column: 3,
	}))
}

func sampleWarnings() []report.Warning {
	return []report.Warning{{
		Rule: "FromAsCasing", Message: "'as' and 'FROM' keywords' casing do not match", Components: []string{"core", "batch"},
		Place: &report.Place{File: "docker/서버/Dockerfile", Line: 3}, Remedy: "https://docs.docker.com/go/dockerfile/rule/from-as-casing/",
	}, {
		Message: "build context . has 12,000 files, 310.0 MB; the largest folders: node_modules 11,900 files, 300.0 MB", Components: []string{"core"},
		Remedy: "leave out what no COPY needs: add to .dockerignore\nnode_modules",
	}}
}
