package daemon_test

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

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

func TestOwnDaemonOutlivesItsUsers(t *testing.T) {
	buildkitd.RequireLinuxRoot(t)
	// A path that no socket address can hold.
	cache := filepath.Join(t.TempDir(), strings.Repeat("long/", 25))
	first, socket := buildkitd.StartOwn(t, cache)
	if len(socket) > 107 || strings.HasPrefix(socket, cache) {
		t.Errorf("socket %q", socket)
	}
	for path, want := range map[string]os.FileMode{socket: 0o600, filepath.Dir(socket): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want mode %o", path, info, err, want)
		}
	}
	buildkitd.CloseAll(t, first)
	second, _ := buildkitd.StartOwn(t, cache)
	if second.Address != first.Address || second.NodeID != first.NodeID || second.Why != "a daemon started by astrago-ci is running on this machine" {
		t.Errorf("the second has %q because %q, want the first's %q", second.Address, second.Why, first.Address)
	}
	if !second.Local || second.CPUs == 0 {
		t.Errorf("the daemon is %+v", second)
	}
	buildkitd.CloseAll(t, second)
	if err := daemon.Stop(t.Context(), cache); err != nil {
		t.Error(err)
	}
	if conn, err := net.Dial("unix", socket); err == nil {
		_ = conn.Close()
		t.Error("the daemon still listens")
	}
	again, _ := buildkitd.StartOwn(t, cache) // the state is good for the next one
	buildkitd.CloseAll(t, again)
}

// TestOwnDaemonStopsWithoutItsState removes the cache of a daemon that would stay for long.
func TestOwnDaemonStopsWithoutItsState(t *testing.T) {
	buildkitd.RequireLinuxRoot(t)
	cache := t.TempDir()
	c, _ := buildkitd.StartOwn(t, cache)
	buildkitd.CloseAll(t, c)
	if err := os.Remove(filepath.Join(cache, "buildkit", "users.lock")); err != nil {
		t.Fatal(err)
	}
	buildkitd.WaitFor(t, "the daemon to stop", func() bool { return len(buildkitd.Processes(cache)) == 0 })
}

func TestTwoAtOnceShareOneDaemon(t *testing.T) {
	buildkitd.RequireLinuxRoot(t)
	const variable = "ASTRAGO_TEST_SHARES"
	if cache := os.Getenv(variable); cache != "" {
		o, err := buildkitd.Options(cache)
		if err != nil {
			t.Fatal(err)
		}
		c, err := daemon.Connect(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		defer buildkitd.CloseAll(t, c)
		if _, err := c.Client.ListWorkers(t.Context()); err != nil {
			t.Error(err)
		}
		return
	}
	cache := t.TempDir()
	buildkitd.StopWithTest(t, cache)
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
	if n := len(buildkitd.Processes("buildkitd --config " + cache + "/")); n != 3 {
		t.Errorf("%d processes have the daemon's command line, want the supervisor, its watcher and the daemon", n)
	}
}

func TestDaemonThatDoesNotComeUpShowsItsLog(t *testing.T) {
	buildkitd.RequireLinuxRoot(t)
	o, err := buildkitd.Options(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o.BinDir = t.TempDir()
	path := filepath.Join(o.BinDir, "buildkit-"+daemon.Version, "buildkitd")
	err = toolchain.Keep(t.Context(), path, func(temporary string) error {
		return os.WriteFile(temporary, []byte("#!/bin/sh\necho the disk is on fire\nexit 1\n"), 0o755)
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = daemon.Connect(t.Context(), o)
	if p := problem.As(err); p == nil || !strings.Contains(p.Error(), "the disk is on fire") || !strings.Contains(p.Remedy, "buildkitd.log") {
		t.Errorf("got %v, want a problem with the log's tail", err)
	}
}

func TestStopDaemonWhereNoneRuns(t *testing.T) {
	cache := t.TempDir()
	if err := daemon.Stop(t.Context(), cache); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(cache, "buildkit")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it has left something: %v", err)
	}
}
