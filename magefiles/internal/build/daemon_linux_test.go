package build_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkit"
)

// TestKilledOwnerLeavesNoDaemon kills a process that has started a daemon and is building with it.
func TestKilledOwnerLeavesNoDaemon(t *testing.T) {
	buildkit.RequireLinuxRoot(t)
	const variable = "ASTRAGO_TEST_OWNER"
	if cache := os.Getenv(variable); cache != "" {
		ownerThatIsKilled(t, cache)
		return
	}
	cache := t.TempDir()
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
	waitFor(t, "the step to run", func() bool { return len(processes(step)) > 0 })
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	waitFor(t, "the daemon and the step to end", func() bool { return len(processes(cache))+len(processes(step)) == 0 })
}

func TestLostDaemonIsNamed(t *testing.T) {
	buildkit.RequireLinuxRoot(t)
	cache := t.TempDir()
	c, socket := startOwn(t, cache)
	defer func() { _ = c.Close() }() // its daemon is gone by then
	r := newRepository(t)
	r.opts.Connect = build.Connected(c)
	const step = "sleep 987654"
	r.component("core", base+"RUN "+step+"\n")
	go func() {
		waitFor(t, "the step to run", func() bool { return len(processes(step)) > 0 })
		for _, pid := range processes(filepath.Join(cache, "buildkit", "buildkitd.toml")) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}()
	_, err := r.run()
	p := problem.As(err)
	if p == nil || !strings.Contains(p.Error(), "losing the BuildKit daemon at unix://"+socket) || !strings.Contains(p.Remedy, c.Log) {
		t.Errorf("got %v", err)
	}
	waitFor(t, "the step to end with its daemon", func() bool { return len(processes(step)) == 0 })
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("waited for %s in vain", what)
			return
		}
	}
}

func ownerThatIsKilled(t *testing.T, cache string) {
	t.Helper()
	c, _ := startOwn(t, cache)
	r := newRepository(t)
	r.opts.Connect = build.Connected(c)
	r.component("core", base+"RUN sleep 654321\n")
	fmt.Println("building")
	_, err := build.Run(t.Context(), r.plan, r.opts)
	t.Errorf("the build has ended before the process was killed: %v", err)
}

// processes are the ids of running processes with text in their command line, whose arguments are joined by blanks.
func processes(text string) (pids []int) {
	paths, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is well-formed
	for _, path := range paths {
		data, err := os.ReadFile(path) // it may end meanwhile
		pid, perr := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err == nil && perr == nil && strings.Contains(strings.ReplaceAll(string(data), "\x00", " "), text) {
			pids = append(pids, pid)
		}
	}
	return pids
}
