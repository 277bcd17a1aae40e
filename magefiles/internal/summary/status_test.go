package summary_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/status"
	"github.com/xiilab/astrago-ci/magefiles/internal/summary"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

// statusOfStage has a component of each kind: held and set by hand, and one that nothing is known of.
func statusOfStage() status.Status {
	now := time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)
	built, behind := now.Add(-120*time.Hour), 7
	core := status.Component{
		Name: "core", Tag: "core-stage-9f8e7d6c", State: status.Held,
		Source:   &status.Source{SHA: "9f8e7d6c4a392817", Time: &built, Behind: &behind, URL: "https://github.com/acme/backend/commit/9f8e7d6c"},
		Deployed: &status.Deployed{By: "octocat", Time: now.Add(-2 * time.Hour), URL: "https://github.com/acme/deployment/commit/5f3c0b1d"},
		Hold:     &status.Hold{By: "octocat", Since: now.Add(-2 * time.Hour), Reason: "login fails", Until: "newer"},
	}
	batch := status.Component{
		Name: "batch", Tag: "batch-stage-a1b2c3d4", State: status.Drifted, Registry: status.Registry{Reason: "ghcr.io did not answer"},
		Drift: []status.Drift{{Kind: status.HandEdit, Want: "batch-stage-9f8e7d6c", Have: "batch-stage-a1b2c3d4", By: "Park", Commit: "0badc0de"}},
	}
	return status.Status{Service: "backend", Generated: now, Environments: []status.Environment{
		{
			Name: "stage", State: status.Drifted, ArgoCD: &status.ArgoCD{Application: "backend", Asked: true, Sync: "Synced", Health: "Healthy"},
			Deployments: []status.Deployment{{Repository: "acme/deployment", Branch: "main", Components: []status.Component{core, batch}}},
		},
		{Name: "prod", State: status.Unknown, Deployments: []status.Deployment{{Repository: "acme/other", Branch: "main", Error: "no such repository"}}},
	}}
}

func TestStatusSummary(t *testing.T) {
	var b strings.Builder
	if err := summary.WriteStatus(&b, statusOfStage()); err != nil {
		t.Fatal(err)
	}
	sample.Golden(t, "status.md", b.String())
	if err := summary.WriteStatus(sample.BrokenWriter{}, statusOfStage()); err == nil {
		t.Error("a file that cannot be written is no error")
	}
}

// What others wrote, in whatever field it arrives, leaves no table.
func TestHostileStatus(t *testing.T) {
	var s status.Status
	sample.Fill(reflect.ValueOf(&s).Elem())
	var b bytes.Buffer
	if err := summary.WriteStatus(&b, s); err != nil {
		t.Fatal(err)
	}
	sample.WantHarmless(t, "summary", b.String())
}
