package gitops_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func TestBumpRefusesAnImageWithoutDigest(t *testing.T) {
	for name, spoil := range map[string]func(*bump.Bump){
		"never resolved": func(b *bump.Bump) { b.Images = b.Images[:1] },
		"empty digest":   func(b *bump.Bump) { b.Images[1].Digest = "" },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			b := release(newSHA, "core", "batch")
			spoil(&b)
			_, err := w.client.Bump(t.Context(), b)
			wantProblem(t, err, problem.Refused, "ghcr.io/acme/backend:batch-stage-a1b2c3d4", "mage push")
			w.wantOperations()
		})
	}
}

func TestIDIsOfSourceEnvironmentAndEdits(t *testing.T) {
	base := release(newSHA, "core", "batch")
	same := release(newSHA, "core", "batch")
	same.RunURL, same.Source.Branch = "https://example.com/another/run", "another"
	if base.ID() != same.ID() {
		t.Error("the ID depends on who runs the bump")
	}
	seen := map[string]string{base.ID(): "base"}
	for name, change := range map[string]func(*bump.Bump){
		"source":      func(b *bump.Bump) { b.Source.SHA = oldSHA },
		"environment": func(b *bump.Bump) { b.Environment = "prod" },
		"branch":      func(b *bump.Bump) { b.Deployment.Branch = "main" },
		"file":        func(b *bump.Bump) { b.Deployment.Files[0].Path = "x" },
		"edits":       func(b *bump.Bump) { b.Deployment.Files[0].Edits = b.Deployment.Files[0].Edits[:1] },
	} {
		b := release(newSHA, "core", "batch")
		change(&b)
		if other, taken := seen[b.ID()]; taken {
			t.Errorf("another %s has the ID of %s", name, other)
		}
		seen[b.ID()] = name
	}
}
