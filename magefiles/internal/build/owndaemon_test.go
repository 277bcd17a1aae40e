package build_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkit"
)

// The daemon, the module that it is built from and the client library are one release.
func TestDaemonVersionIsPinnedOnce(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	for _, file := range []string{filepath.Join(root, "go.mod"), filepath.Join(root, "scripts", "tools", "buildkit", "go.mod")} {
		found := regexp.MustCompile(`github\.com/moby/buildkit (v\S+)`).FindStringSubmatch(read(t, file))
		if found == nil || found[1] != build.DaemonVersion {
			t.Errorf("%s has %v, want %s", file, found, build.DaemonVersion)
		}
	}
}

func TestBuildkitdThatDoesNotCompileIsAProblem(t *testing.T) {
	buildkit.RequireLinuxRoot(t)
	o, err := buildkit.Options(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o.BinDir = t.TempDir()
	tools := t.TempDir()
	if err := os.Mkdir(filepath.Join(tools, "buildkit"), 0o755); err != nil {
		t.Fatal(err)
	}
	var said string
	o.Say = func(format string, _ ...any) { said += format }
	o.ToolsDir = func(context.Context) (string, error) { return tools, nil }
	_, err = build.Connect(t.Context(), o)
	if p := problem.As(err); p == nil || !strings.Contains(p.Error(), "go.mod") || !strings.Contains(p.Remedy, "BUILDKIT_HOST") {
		t.Errorf("got %v, want the compiler's words and a remedy", err)
	}
	if !strings.Contains(said, "building buildkitd") {
		t.Errorf("the person was told %q", said)
	}
}
