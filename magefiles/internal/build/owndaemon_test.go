package build_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkit"
)

// The daemon, the module that it is built from and the client library are one release.
func TestDaemonVersionIsPinnedOnce(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	tools := filepath.Join(root, "scripts", "tools")
	for file, module := range map[string]string{
		filepath.Join(root, "go.mod"):                 "moby/buildkit " + build.DaemonVersion,
		filepath.Join(tools, "buildkit", "go.mod"):    "moby/buildkit " + build.DaemonVersion,
		filepath.Join(tools, "rootlesskit", "go.mod"): "rootless-containers/rootlesskit/v2 " + build.RootlesskitVersion,
	} {
		if !strings.Contains(read(t, file), "github.com/"+module+"\n") && !strings.Contains(read(t, file), "github.com/"+module+" //") {
			t.Errorf("%s does not have %s", file, module)
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
	o.Say = func(format string, args ...any) { said += fmt.Sprintf(format, args...) }
	o.ToolsDir = func(context.Context) (string, error) { return tools, nil }
	_, err = build.Connect(t.Context(), o)
	if p := problem.As(err); p == nil || !strings.Contains(p.Error(), "go.mod") || !strings.Contains(p.Remedy, "BUILDKIT_HOST") {
		t.Errorf("got %v, want the compiler's words and a remedy", err)
	}
	if !strings.Contains(said, "building buildkitd") {
		t.Errorf("the person was told %q", said)
	}
}
