package targets_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/demo"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/stack"
)

// TestDemo runs the demo twice with a cache of its own: a daemon of ours is started, the second run finds
// everything done.
func TestDemo(t *testing.T) {
	t.Parallel()
	sharedDaemon.Connection(t) // buildkitd is compiled into the user's cache, or the test is skipped
	cache := filepath.Join(t.TempDir(), "astrago-ci")
	options, err := buildkitd.Options(cache)
	if err == nil {
		err = os.MkdirAll(cache, 0o755)
	}
	if err == nil {
		err = os.Symlink(options.BinDir, filepath.Join(cache, "bin"))
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := daemon.Stop(context.WithoutCancel(t.Context()), cache); err != nil {
			t.Error(err)
		}
	})
	run := func() string {
		t.Helper()
		var out bytes.Buffer
		err := demo.Run(t.Context(), demo.Options{
			Self: mage, Cache: cache, Out: &out, Err: &out,
			Environ: append(plainEnviron(t), "XDG_CACHE_HOME="+filepath.Dir(cache), "GITHUB_ACTIONS=true", "DEPLOY_TOKEN=real", "DOCKER_HOST=unix:///none"),
		})
		if err != nil {
			t.Fatalf("%v\n%s", err, &out)
		}
		return out.String()
	}
	first := run()
	var changed int
	for line := range strings.Lines(first) {
		if strings.HasPrefix(line, "+ ") && strings.Contains(line, "imageTag: ") {
			changed++
		}
	}
	if changed != 4 || !strings.Contains(first, "deploy(stage): backend") || !strings.Contains(first, "deploy(stage): frontend") {
		t.Errorf("%d lines are changed:\n%s", changed, first)
	}
	second := run()
	if strings.Count(second, "nothing to do: stage already has") != 2 || strings.Contains(second, "▸ build") {
		t.Errorf("the second run:\n%s", second)
	}
	running, err := stack.Start(t.Context(), filepath.Join(cache, "demo"), options.BinDir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := running.Close(); err != nil {
			t.Error(err)
		}
	}()
	if third := run(); !strings.Contains(third, "deploy(stage): frontend") || strings.Contains(third, "another one runs there") {
		t.Errorf("beside a running demo:\n%s", third)
	}
	if _, err := os.Stat(filepath.Join(cache, "demo-2", "github")); err != nil {
		t.Error(err)
	}
}
