package submodule_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/submodule"
)

// TestOwnedPaths lists the submodule with what changes with it, and leaves what the application shares.
func TestOwnedPaths(t *testing.T) {
	for name, test := range map[string]struct{ workspace, want string }{
		"no workspace":         {"", "ci .github/workflows/release.yml"},
		"of the submodule":     {"go 1.26.0\n\nuse ./ci\n", "ci go.work go.work.sum .github/workflows/release.yml"},
		"with own targets":     {"go 1.26.0\n\nuse (\n\t./ci\n\t./magefiles // ours\n)\n", "ci go.work go.work.sum .github/workflows/release.yml"},
		"of the application":   {"go 1.26.0\n\nuse .\n", "ci .github/workflows/release.yml"},
		"of both":              {"go 1.26.0\n\nuse (\n\t.\n\t\"./ci\"\n)\n", ".github/workflows/release.yml"},
		"with another version": {"go 1.26.0\n\nuse ./ci\nreplace example.com/x => ../x\n", ".github/workflows/release.yml"},
	} {
		t.Run(name, func(t *testing.T) {
			app, _ := consumer(t)
			if test.workspace != "" {
				write(t, filepath.Join(app, "go.work"), test.workspace)
			}
			write(t, filepath.Join(app, ".github", "workflows", "test.yml"), "jobs: {}\n")
			if got := strings.Join(submodule.OwnedPaths(t.Context(), app, "ci"), " "); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
	app, _ := consumer(t)
	if got := strings.Join(submodule.OwnedPaths(t.Context(), app, "tools"), " "); got != ".github/workflows/release.yml" {
		t.Errorf("of a path that is no submodule's: %q", got)
	}
	if got := submodule.OwnedPaths(t.Context(), t.TempDir(), "ci"); len(got) > 0 {
		t.Errorf("elsewhere %q", got)
	}
}
