package daemon_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
)

// The daemon, the module that it is built from and the client library are one release.
func TestDaemonVersionIsPinnedOnce(t *testing.T) {
	root := filepath.Join("..", "..", "..", "..")
	tools := filepath.Join(root, "scripts", "tools")
	for file, module := range map[string]string{
		filepath.Join(root, "go.mod"):                 "moby/buildkit " + daemon.Version,
		filepath.Join(tools, "buildkit", "go.mod"):    "moby/buildkit " + daemon.Version,
		filepath.Join(tools, "rootlesskit", "go.mod"): "rootless-containers/rootlesskit/v2 " + daemon.RootlesskitVersion,
	} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		if !strings.Contains(text, "github.com/"+module+"\n") && !strings.Contains(text, "github.com/"+module+" //") {
			t.Errorf("%s does not have %s", file, module)
		}
	}
}

func TestBuildkitdThatDoesNotCompileIsAProblem(t *testing.T) {
	buildkitd.RequireLinuxRoot(t)
	o, err := buildkitd.Options(t.TempDir())
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
	_, err = daemon.Connect(t.Context(), o)
	if p := problem.As(err); p == nil || !strings.Contains(p.Error(), "go.mod") || !strings.Contains(p.Remedy, "BUILDKIT_HOST") {
		t.Errorf("got %v, want the compiler's words and a remedy", err)
	}
	if !strings.Contains(said, "building buildkitd") {
		t.Errorf("the person was told %q", said)
	}
}
