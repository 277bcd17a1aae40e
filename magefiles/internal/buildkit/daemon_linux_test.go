package buildkit_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
)

func TestLostDaemonIsNamed(t *testing.T) {
	buildkitd.RequireLinuxRoot(t)
	cache := t.TempDir()
	c, socket := buildkitd.StartOwn(t, cache)
	defer func() { _ = c.Close() }() // its daemon is gone by then
	r := newRepository(t)
	r.opts.Connect = buildkitd.Connected(c)
	const step = "sleep 987654"
	r.component("core", base+"RUN "+step+"\n")
	go func() {
		buildkitd.WaitFor(t, "the step to run", func() bool { return len(buildkitd.Processes(step)) > 0 })
		for _, pid := range buildkitd.Processes(filepath.Join(cache, "buildkit", "buildkitd.toml")) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}()
	_, err := r.run()
	p := problem.As(err)
	if p == nil || !strings.Contains(p.Error(), "losing the BuildKit daemon at unix://"+socket) || !strings.Contains(p.Remedy, c.Log) {
		t.Errorf("got %v", err)
	}
	buildkitd.WaitFor(t, "the step to end with its daemon", func() bool { return len(buildkitd.Processes(step)) == 0 })
}

func TestOwnDaemonStopsWhenIdle(t *testing.T) {
	buildkitd.RequireLinuxRoot(t)
	cache := t.TempDir()
	idle := daemon.Settings{Idle: time.Second}
	c, _ := buildkitd.StartOwn(t, cache, idle)
	r := newRepository(t)
	r.opts.Connect = buildkitd.Connected(c)
	// Longer than it may be idle: in use it stays.
	r.component("core", base+"RUN sleep 3\n")
	if _, err := r.run(); err != nil {
		t.Error(err)
	}
	buildkitd.CloseAll(t, c)
	buildkitd.WaitFor(t, "the daemon to stop", func() bool { return len(buildkitd.Processes(cache)) == 0 })
	c, _ = buildkitd.StartOwn(t, cache, idle)
	if !strings.Contains(c.Why, "started") {
		t.Errorf("the daemon was taken because %q", c.Why)
	}
	buildkitd.CloseAll(t, c)
}

// TestKilledUserLeavesNothing kills a process that has started a daemon and is building with it: its step ends at once,
// its daemon when it is idle, and no mount stays.
func TestKilledUserLeavesNothing(t *testing.T) {
	buildkitd.RequireLinuxRoot(t)
	const variable = "ASTRAGO_TEST_KILLED"
	if cache := os.Getenv(variable); cache != "" {
		userThatIsKilled(t, cache)
		return
	}
	cache := t.TempDir()
	buildkitd.StopWithTest(t, cache)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(cmd.Environ(), variable+"="+cache, "TMPDIR="+cache) // what it leaves is removed with the cache
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if !bufio.NewScanner(out).Scan() {
		t.Fatal("the process has not begun")
	}
	const step = "sleep 654321"
	buildkitd.WaitFor(t, "the step to run", func() bool { return len(buildkitd.Processes(step)) > 0 })
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	buildkitd.WaitFor(t, "the step to end", func() bool { return len(buildkitd.Processes(step)) == 0 })
	buildkitd.WaitFor(t, "the daemon to end", func() bool { return len(buildkitd.Processes(cache)) == 0 })
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil || strings.Contains(string(mounts), cache) {
		t.Errorf("a mount is left (%v):\n%s", err, mounts)
	}
}

func userThatIsKilled(t *testing.T, cache string) {
	t.Helper()
	c, _ := buildkitd.StartOwn(t, cache, daemon.Settings{Idle: 2 * time.Second})
	r := newRepository(t)
	r.opts.Connect = buildkitd.Connected(c)
	r.component("core", base+"RUN sleep 654321\n")
	fmt.Println("building")
	_, err := buildkit.Run(t.Context(), r.plan, r.opts)
	t.Errorf("the build has ended before the process was killed: %v", err)
}
