package build_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

func TestOwnDaemonOutlivesItsUsers(t *testing.T) {
	buildkit.RequireLinuxRoot(t)
	// A path that no socket address can hold.
	cache := filepath.Join(t.TempDir(), strings.Repeat("long/", 25))
	first, socket := buildkit.StartOwn(t, cache)
	if len(socket) > 107 || strings.HasPrefix(socket, cache) {
		t.Errorf("socket %q", socket)
	}
	for path, want := range map[string]os.FileMode{socket: 0o600, filepath.Dir(socket): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want mode %o", path, info, err, want)
		}
	}
	buildkit.CloseAll(t, first)
	second, _ := buildkit.StartOwn(t, cache)
	if second.Address != first.Address || second.NodeID != first.NodeID || second.Why != "our own is running on this machine" {
		t.Errorf("the second has %q because %q, want the first's %q", second.Address, second.Why, first.Address)
	}
	if !second.Local || second.CPUs == 0 {
		t.Errorf("the daemon is %+v", second)
	}
	buildkit.CloseAll(t, second)
	if err := build.StopDaemon(t.Context(), cache); err != nil {
		t.Error(err)
	}
	if conn, err := net.Dial("unix", socket); err == nil {
		_ = conn.Close()
		t.Error("the daemon still listens")
	}
	again, _ := buildkit.StartOwn(t, cache) // the state is good for the next one
	buildkit.CloseAll(t, again)
}

// TestOwnDaemonStopsWithoutItsState removes the cache of a daemon that would stay for long.
func TestOwnDaemonStopsWithoutItsState(t *testing.T) {
	buildkit.RequireLinuxRoot(t)
	cache := t.TempDir()
	c, _ := buildkit.StartOwn(t, cache)
	buildkit.CloseAll(t, c)
	if err := os.Remove(filepath.Join(cache, "buildkit", "users.lock")); err != nil {
		t.Fatal(err)
	}
	buildkit.WaitFor(t, "the daemon to stop", func() bool { return len(buildkit.Processes(cache)) == 0 })
}

func TestTwoAtOnceShareOneDaemon(t *testing.T) {
	buildkit.RequireLinuxRoot(t)
	const variable = "ASTRAGO_TEST_SHARES"
	if cache := os.Getenv(variable); cache != "" {
		o, err := buildkit.Options(cache)
		if err != nil {
			t.Fatal(err)
		}
		c, err := build.Connect(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		defer buildkit.CloseAll(t, c)
		if _, err := c.Client.ListWorkers(t.Context()); err != nil {
			t.Error(err)
		}
		return
	}
	cache := t.TempDir()
	buildkit.StopWithTest(t, cache)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
			cmd.Env = append(cmd.Environ(), variable+"="+cache)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	group.Wait()
	// A supervisor, its watcher and the daemon have the state directory in their command lines, but only the daemon the socket.
	log, err := os.ReadFile(filepath.Join(cache, "buildkit", "buildkitd.log"))
	if n := strings.Count(string(log), "running server on"); err != nil || n != 1 {
		t.Errorf("%d daemons have started in one log (%v)", n, err)
	}
	if n := len(buildkit.Processes("buildkitd --config " + cache + "/")); n != 3 {
		t.Errorf("%d processes have the daemon's command line, want the supervisor, its watcher and the daemon", n)
	}
}

func TestDaemonThatDoesNotComeUpShowsItsLog(t *testing.T) {
	buildkit.RequireLinuxRoot(t)
	o, err := buildkit.Options(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o.BinDir = t.TempDir()
	path := filepath.Join(o.BinDir, "buildkit-"+build.DaemonVersion, "buildkitd")
	err = toolchain.Keep(t.Context(), path, func(temporary string) error {
		return os.WriteFile(temporary, []byte("#!/bin/sh\necho the disk is on fire\nexit 1\n"), 0o755)
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = build.Connect(t.Context(), o)
	if p := problem.As(err); p == nil || !strings.Contains(p.Error(), "the disk is on fire") || !strings.Contains(p.Remedy, "buildkitd.log") {
		t.Errorf("got %v, want a problem with the log's tail", err)
	}
}

func TestStopDaemonWhereNoneRuns(t *testing.T) {
	cache := t.TempDir()
	if err := build.StopDaemon(t.Context(), cache); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(cache, "buildkit")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it has left something: %v", err)
	}
}
