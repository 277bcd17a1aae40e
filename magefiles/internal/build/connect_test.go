package build_test

import (
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkit"
)

func TestConnectRefusesDeadAndUnknownHosts(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := "tcp://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		host   string
		status int
		text   string
	}{
		{dead, problem.Failed, "connection refused"},
		{"unix://" + filepath.Join(t.TempDir(), "none.sock"), problem.Failed, "no such file"},
		{"kube-pods://builder", problem.Usage, "scheme is not supported"},
		{"ssh://user:secret@builder", problem.Failed, "plain-text password is not supported"},
		{"/run/buildkit/buildkitd.sock", problem.Usage, "scheme is not supported"},
	} {
		_, err := build.Connect(t.Context(), build.ConnectOptions{Host: tc.host, CacheDir: t.TempDir()})
		p := problem.As(err)
		if p == nil || p.ExitStatus() != tc.status || !strings.Contains(p.Error(), tc.text) || strings.Contains(p.Error(), "secret") {
			t.Errorf("%s: got %v, want exit status %d and %q", tc.host, err, tc.status, tc.text)
		}
	}
}

func TestConnectTakesTheFirstThatAnswers(t *testing.T) {
	shared := daemon.Connection(t)
	none := "unix://" + filepath.Join(t.TempDir(), "none.sock")
	for name, o := range map[string]build.ConnectOptions{
		"BUILDKIT_HOST is set":          {Host: none + "," + shared.Address},
		"it is running on this machine": {Sockets: []string{none, shared.Address}},
	} {
		o.CacheDir = t.TempDir()
		c, err := build.Connect(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if c.Address != shared.Address || c.Why != name || c.NodeID == "" {
			t.Errorf("got %q because %q, want %q because %q", c.Address, c.Why, shared.Address, name)
		}
		if !c.Local || c.Version != build.DaemonVersion || c.CPUs != runtime.NumCPU() || len(c.Platforms) == 0 || c.Platforms[0].Architecture != runtime.GOARCH {
			t.Errorf("the daemon is %+v", c)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOwnDaemonIsSharedAndStopped(t *testing.T) {
	buildkit.RequireLinuxRoot(t)
	// A path that no socket address can hold.
	cache := filepath.Join(t.TempDir(), strings.Repeat("long/", 25))
	owner, socket := startOwn(t, cache)
	if len(socket) > 107 || strings.HasPrefix(socket, cache) {
		t.Errorf("socket %q", socket)
	}
	for path, want := range map[string]os.FileMode{socket: 0o600, filepath.Dir(socket): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want mode %o", path, info, err, want)
		}
	}
	user, _ := startOwn(t, cache)
	if user.Address != owner.Address || user.NodeID != owner.NodeID || !strings.Contains(user.Why, "another build") {
		t.Errorf("the second has %q because %q, want the first's %q", user.Address, user.Why, owner.Address)
	}
	closed := make(chan error)
	go func() { closed <- owner.Close() }()
	select {
	case err := <-closed:
		t.Errorf("the owner has not waited for the other user: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	if _, err := user.Client.Info(t.Context()); err != nil {
		t.Errorf("the daemon has left its other user: %v", err)
	}
	if err := user.Close(); err != nil {
		t.Error(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if conn, err := net.Dial("unix", socket); err == nil {
		_ = conn.Close()
		t.Error("the daemon still listens")
	}
	again, _ := startOwn(t, cache) // the state is good for the next one
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func startOwn(t *testing.T, cache string) (c *build.Connection, socket string) {
	t.Helper()
	o, err := buildkit.Options(cache)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = build.Connect(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return c, strings.TrimPrefix(c.Address, "unix://")
}

func TestDaemonThatDoesNotComeUpShowsItsLog(t *testing.T) {
	buildkit.RequireLinuxRoot(t)
	o, err := buildkit.Options(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o.BinDir = t.TempDir()
	path := filepath.Join(o.BinDir, "buildkit-"+build.DaemonVersion, "buildkitd")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho the disk is on fire\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err = build.Connect(t.Context(), o)
	if p := problem.As(err); p == nil || !strings.Contains(p.Error(), "the disk is on fire") || !strings.Contains(p.Remedy, "buildkitd.log") {
		t.Errorf("got %v, want a problem with the log's tail", err)
	}
}
