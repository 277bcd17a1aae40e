package build_test

import (
	"os"
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
