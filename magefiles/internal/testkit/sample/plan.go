// Package sample has plans, reports and statuses that tests of several packages show to readers.
package sample

import (
	"fmt"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Facts of the samples.
var (
	Time     = time.Date(2025, 9, 12, 1, 4, 5, 0, time.UTC)
	SHA      = commitid.ID("a1b2c3d4" + strings.Repeat("e5f60718", 4))
	Deployed = commitid.ID("7f3c2d1e" + strings.Repeat("0a9b8c7d", 4)) // commit in the deployment repository
)

// Texts of the samples.
const (
	Title        = "배치 작업의 재시도 간격을 늘린다 | 3초 -> 30초"
	ValuesFile   = "helmfile/environments/customers/xiilab/values.yaml"
	deployGitHub = "https://github.com/xiilab/astrago-deployment/commit/"
)

// Clock tells the time that the sample run has reached.
type Clock struct{ now time.Time }

// NewClock returns a clock that stands at Time.
func NewClock() *Clock { return &Clock{now: Time} }

// Read returns the time.
func (c *Clock) Read() time.Time { return c.now }

// Advance lets time pass.
func (c *Clock) Advance(d time.Duration) { c.now = c.now.Add(d) }

// Digest returns the digest of the nth image.
func Digest(n int) string { return "sha256:" + strings.Repeat(fmt.Sprintf("%x", n+1), 64) }

func tag(name component.Name, version string) string { return string(name) + "-stage-" + version }

// Actions are those of Plan's images.
func Actions() []plan.Action {
	return []plan.Action{
		{Component: "core", Do: plan.DoBuild, Why: "no published image has these inputs"},
		{Component: "batch", Do: plan.DoRetag, Why: "commit 9f8e7d6c has the same inputs"},
		{Component: "monitor", Do: plan.DoDone, Why: "the registry has it"},
	}
}

// Plan is of three components and one deployment.
func Plan() plan.Plan {
	p := plan.Plan{
		Service:     "backend",
		Environment: "stage",
		Commit: git.Commit{
			Root: "/src/backend", SHA: SHA, Branch: "stabilize/1.0", Time: Time,
			Author: "김하늘", Title: Title, Repository: "xiilab/astrago-backend",
			URL: "https://github.com/xiilab/astrago-backend",
		},
		Prepare: config.Prepare{Run: []string{"./gradlew bootJar --no-daemon --parallel"}},
		ArgoCD:  []config.ArgoCD{{Application: "astrago"}},
	}
	var edits []plan.Edit
	for _, name := range []component.Name{"core", "batch", "monitor"} {
		image := plan.Image{
			Component: name, Repository: imageref.Repository{Host: "ghcr.io", Path: "xiilab/astrago-backend"}, Tag: tag(name, "a1b2c3d4"),
			Context: ".", Dockerfile: "docker/" + string(name) + "/Dockerfile",
			Labels: map[string]string{"org.opencontainers.image.title": string(name)},
		}
		p.Images = append(p.Images, image)
		edits = append(edits, plan.Edit{Component: name, Image: image.Ref(), Expressions: []string{
			fmt.Sprintf(".astrago.%s.imageTag = %q", name, image.Tag),
		}})
	}
	p.Images[0].Secrets = []config.Secret{{ID: "npm", Env: "NPM_TOKEN"}}
	p.Deployments = []plan.Deployment{{
		Repository: "xiilab/astrago-deployment", Branch: "stabilize/1.0",
		API: config.APIGraphQL, Diverged: config.DivergedAllow, Unchanged: config.UnchangedSet,
		Subject: "OPS-1 deploy(stage): astrago-backend a1b2c3d4", Files: []plan.File{{Path: ValuesFile, Edits: edits}},
	}}
	return p
}
