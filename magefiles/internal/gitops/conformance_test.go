package gitops_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

// scenario is a test that must hold on every GitHub through every backend.
type scenario struct {
	name  string
	files map[string]string // of the repository; nil is shopFile and a README
	run   func(*scene)

	// notOnEmulate is the reason why emulate cannot show it; empty where it can.
	notOnEmulate string
}

// TestConformance runs every scenario over both backends on the in-process GitHub, whose every exchange is held against
// GitHub's descriptions, and over the REST backend on emulate, which others wrote.
func TestConformance(t *testing.T) {
	for _, list := range [][]scenario{bumps, conflicts, losses, refusals, limits, contents, holds, histories, surveys, owners, kept, subjects} {
		for _, s := range list {
			t.Run(s.name, func(t *testing.T) { everywhere(t, s) })
		}
	}
}

func everywhere(t *testing.T, s scenario) {
	t.Helper()
	for _, api := range []config.API{config.APIGraphQL, config.APIREST} {
		t.Run(string(api), func(t *testing.T) {
			t.Parallel()
			scene := newOurs(t, api, s.files)
			s.run(scene)
			scene.hub.(ours).git("fsck", "--strict")
		})
	}
	if s.notOnEmulate == "" {
		t.Run("emulate", func(t *testing.T) {
			t.Parallel()
			s.run(newEmulated(t, s.files))
		})
	}
}
