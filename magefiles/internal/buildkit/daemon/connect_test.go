package daemon_test

import (
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
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
		_, err := daemon.Connect(t.Context(), daemon.Options{Host: tc.host, CacheDir: t.TempDir()})
		p := problem.As(err)
		if p == nil || p.ExitStatus() != tc.status || !strings.Contains(p.Error(), tc.text) || strings.Contains(p.Error(), "secret") {
			t.Errorf("%s: got %v, want exit status %d and %q", tc.host, err, tc.status, tc.text)
		}
	}
}

func TestConnectTakesTheFirstThatAnswers(t *testing.T) {
	shared := sharedDaemon.Connection(t)
	none := "unix://" + filepath.Join(t.TempDir(), "none.sock")
	for name, o := range map[string]daemon.Options{
		"BUILDKIT_HOST is set":          {Host: none + "," + shared.Address},
		"it is running on this machine": {Sockets: []string{none, shared.Address}},
	} {
		o.CacheDir = t.TempDir()
		c, err := daemon.Connect(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if c.Address != shared.Address || c.Why != name || c.NodeID == "" {
			t.Errorf("got %q because %q, want %q because %q", c.Address, c.Why, shared.Address, name)
		}
		if !c.Local || c.Version != daemon.Version || c.CPUs != runtime.NumCPU() || len(c.Platforms) == 0 || c.Platforms[0].Architecture != runtime.GOARCH {
			t.Errorf("the daemon is %+v", c)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}
