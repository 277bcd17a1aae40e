package page_test

import (
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// hostile is what somebody may have written into a title, a reason or a name.
const hostile = `</script><img src=x onerror=alert(1)>"'{{.}}&<b>`

// statusSample is a service with everything that may be shown, seen at the given time.
func statusSample(now time.Time) status.Status {
	ago := func(hours int) time.Time { return now.Add(-time.Duration(hours) * time.Hour) }
	at := func(hours int) *time.Time { t := ago(hours); return &t }
	number := func(n int) *int { return &n }
	image := func(c string) digest.Digest {
		return digest.Digest("sha256:" + c + "90ab34ce11f06e2f0c1d7a5590ab34ce11f06e2f0c1d7a5590ab34ce11f0aa")
	}
	source := func(sha, title, author string, hours, behind int) *status.Source {
		return &status.Source{
			SHA: commitid.ID(sha + "4a39281706f5e4d3c2b1a09876543210"), Title: title, Author: author, Time: at(hours), Behind: number(behind),
			URL: "https://github.com/acme/backend/commit/" + sha,
		}
	}
	deployed := func(hours int, by string, kind status.Kind, of digest.Digest) *status.Deployed {
		return &status.Deployed{By: by, Time: ago(hours), Kind: kind, Commit: "5f3c0b1d00000000", URL: "https://github.com/acme/deployment/commit/5f3c0b1d", Digest: of}
	}
	of := func(name component.Name, tag string, s *status.Source, d *status.Deployed) status.Component {
		return status.Component{
			Name: name, Image: refs.Repository("ghcr.io/acme/backend"), Tag: tag, Source: s, Deployed: d,
			Registry: status.Registry{Presence: status.Present, Digest: image("a1")},
		}
	}
	speed := source("a1b2c3d4", "결제 요청을 두 번 보내지 않는다", "김개발", 3, 0)
	older := source("9f8e7d6c", "Make the monitor faster where a cluster has many nodes", "Lee", 75, 7)
	dev := status.Environment{Name: "dev", Branch: "main", Deployments: []status.Deployment{{
		Repository: "acme/deployment", Branch: "main", Head: "5f3c0b1d00000000",
		Components: []status.Component{
			of("core", "core-dev-a1b2c3d4", speed, deployed(2, "octocat", status.Release, image("a1"))),
			of("batch", "batch-dev-a1b2c3d4", speed, deployed(2, "octocat", status.Release, image("a1"))),
			of("monitor", "monitor-dev-9f8e7d6c", older, deployed(70, "octocat", status.Release, image("a1"))),
		},
	}}, ArgoCD: &status.ArgoCD{
		Application: "backend-dev", URL: "https://argocd.example.com/applications/backend-dev", Asked: true,
		Sync: "Synced", Health: "Progressing", Revision: "5f3c0b1d00000000", Running: true, Message: "Deployment shop/core: 1 out of 2 new replicas have been updated...",
	}}
	stage := status.Environment{Name: "stage", From: "dev", Branch: "main", Deployments: []status.Deployment{{
		Repository: "acme/deployment", Branch: "main", Head: "5f3c0b1d00000000",
		Components: []status.Component{
			of("core", "core-stage-9f8e7d6c", older, deployed(30, "octocat", status.Rollback, image("a1"))),
			of("batch", "batch-stage-00c0ffee", source("00c0ffee", hostile, hostile, 500, 120), deployed(1, "Park", status.Edit, "")),
			of("monitor", "monitor-stage-9f8e7d6c", older, deployed(70, "octocat", status.Promotion, image("b2"))),
		},
	}}, ArgoCD: &status.ArgoCD{Application: "backend-stage", Asked: true, Sync: "OutOfSync", Health: "Healthy", Revision: "5f3c0b1d00000000"}}
	stage.Deployments[0].Components[0].Hold = &status.Hold{By: "octocat", Since: ago(30), Reason: "로그인이 안 됨", Until: "newer", Tag: "core-stage-a1b2c3d4"}
	stage.Deployments[0].Components[1].Drift = []status.Drift{{
		Kind: status.HandEdit, Want: "batch-stage-9f8e7d6c", Have: "batch-stage-00c0ffee", By: "Park", Time: at(1), Commit: "0badc0de", URL: "javascript:alert(1)",
	}}
	prod := status.Environment{Name: "prod", From: "stage", Branch: "main", Deployments: []status.Deployment{{
		Repository: "acme/production", Branch: "main", Error: "reading acme/production: no such repository, or DEPLOY_TOKEN has no access to it",
		Components: []status.Component{{Name: "core"}, {Name: "batch"}, {Name: "monitor"}},
	}}, ArgoCD: &status.ArgoCD{Application: "backend", Reason: "ARGOCD_AUTH_TOKEN is not set"}}
	s := status.Status{
		Service: "backend", Application: "acme/backend", Generated: now, Environments: []status.Environment{dev, stage, prod},
		History: []status.Event{
			{Environment: "stage", Kind: status.Edit, Time: ago(1), By: "Park", Components: []component.Name{"batch"}, Tags: []string{"batch-stage-00c0ffee"}, Commit: "0badc0de", Repository: "acme/deployment"},
			{Environment: "dev", Kind: status.Release, Time: ago(2), By: "octocat", Components: []component.Name{"core", "batch"}, Tags: []string{"core-dev-a1b2c3d4", "batch-dev-a1b2c3d4"}, Commit: "5f3c0b1d", URL: "https://github.com/acme/deployment/commit/5f3c0b1d", Run: "https://github.com/acme/backend/actions/runs/42", Repository: "acme/deployment"},
			{Environment: "prod", Kind: status.HoldPut, Time: ago(20), By: "kim", Components: []component.Name{"core", "batch", "monitor"}, Reason: "year-end closing", Commit: "c0c0c0c0", Repository: "acme/production"},
			{Environment: "stage", Kind: status.Rollback, Time: ago(30), By: "octocat", Components: []component.Name{"core"}, Tags: []string{"core-stage-9f8e7d6c"}, Reason: "로그인이 안 됨", Commit: "d00dfeed", Repository: "acme/deployment"},
			{Environment: "stage", Kind: status.Promotion, Time: ago(70), By: "octocat", From: "dev", Forced: true, Components: []component.Name{"core"}, Tags: []string{"core-stage-a1b2c3d4"}, Commit: "feedbeef", Repository: "acme/deployment"},
			{Environment: "prod", Kind: status.HoldEnded, Time: ago(90), By: hostile, Components: []component.Name{"core"}, Commit: "abad1dea", Repository: "acme/production"},
		},
	}
	s.Judge()
	return s
}
