package sample

import (
	"strings"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// StatusTime is the time at which Status was read.
var StatusTime = time.Date(2026, 3, 2, 3, 12, 0, 0, time.UTC)

var backend = imageref.Repository{Host: "ghcr.io", Path: "acme/backend"}

// Status has what a table may have to show.
func Status() status.Status {
	ago := func(hours int) time.Time { return StatusTime.Add(-time.Duration(hours) * time.Hour) }
	behind := func(n int) *int { return &n }
	commit, older := ago(50), ago(200)
	known := digest.Digest("sha256:" + strings.Repeat("6e2f0c1d", 8))
	component := func(name component.Name, tag string, s *status.Source, hours int, by string) status.Component {
		return status.Component{
			Name: name, Image: backend, Tag: tag, Source: s,
			Registry: status.Registry{Presence: status.Present, Digest: known},
			Deployed: &status.Deployed{By: by, Time: ago(hours), Kind: status.Release, Digest: known, Commit: "5f3c0b1d"},
		}
	}
	speed := &status.Source{
		SHA: "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678", Title: "결제 요청을 두 번 보내지 않는다",
		Author: "김개발", Time: &commit, Behind: behind(0),
	}
	old := &status.Source{
		SHA: "9f8e7d6c5b4a39281706f5e4d3c2b1a098765432", Title: "Make the monitor faster \x1b[31mwhere a cluster has many nodes",
		Author: "Lee", Time: &older, Behind: behind(12), Ahead: 1,
	}
	core := component("core", "core-stage-a1b2c3d4", speed, 1, "octocat")
	batch := component("batch", "batch-stage-9f8e7d6c", old, 30, "github-actions[bot]")
	batch.Hold = &status.Hold{By: "kim", Since: ago(30), Reason: "연말 결산", Until: "lift"}
	batch.Drift = []status.Drift{{
		Kind: status.HandEdit, Want: "batch-stage-a1b2c3d4", Have: "batch-stage-9f8e7d6c", By: "Park", Commit: "0badc0de1",
	}}
	s := status.Status{Service: "backend", Generated: StatusTime, Environments: environments(core, batch)}
	s.Judge()
	return s
}

// environments are one with components, one that cannot be read, and one with mistakes.
func environments(components ...status.Component) []status.Environment {
	return []status.Environment{
		{
			Name:        "stage",
			Deployments: []status.Deployment{{Repository: "acme/deployment", Branch: "main", Components: components}},
			ArgoCD:      &status.ArgoCD{Application: "backend", Asked: true, Sync: "OutOfSync", Health: "Healthy"},
		},
		{
			Name: "prod", Deployments: []status.Deployment{{
				Repository: "acme/production", Branch: "main", Error: "reading acme/production: no such repository",
			}},
			ArgoCD: &status.ArgoCD{Application: "backend-prod", Reason: "ARGOCD_AUTH_TOKEN is not set"},
		},
		{Name: "lab", Deployments: []status.Deployment{{Repository: "acme/lab", Branch: "main", Components: []status.Component{
			{Name: "core", Image: backend, Error: "lab.yaml: the key does not exist"},
			{Name: "batch", Image: backend, Tag: "1.0", Registry: status.Registry{Reason: "access denied"}},
		}}}},
	}
}
