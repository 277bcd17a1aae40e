package daemon_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/client/llb"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/authority"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/proxy"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestOurDaemonFollowsTheMachinesRegistries has a registry with TLS of an own authority, which asks for a certificate: a daemon that was
// started before the machine said so is told again for as long as it is in use, and then renewed.
func TestOurDaemonFollowsTheMachinesRegistries(t *testing.T) {
	buildkitd.RequireLinuxRoot(t)
	dir := t.TempDir()
	a, err := authority.New("ours")
	if err != nil {
		t.Fatal(err)
	}
	addr := securedBase(t, a)
	cache := t.TempDir()
	o, err := buildkitd.Options(cache)
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	o.Say = func(format string, args ...any) { fmt.Fprintf(&said, format+"\n", args...) }
	buildkitd.StopWithTest(t, cache)
	before := connected(t, o)
	if err := pull(t, before, addr); err == nil {
		t.Error("a daemon that knows nothing of the registry has read from it")
	}

	certificate, key, ca := filepath.Join(dir, "client.cert"), filepath.Join(dir, "client.key"), filepath.Join(dir, "ca.crt")
	if err := a.WriteClient(certificate, key); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(ca, a.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	o.Daemon.Registries = []daemon.Registry{{Host: addr, Authorities: []string{ca}, Pairs: []daemon.KeyPair{{Key: key, Certificate: certificate}}}}
	busy := connected(t, o)
	if busy.Why != "a daemon started by astrago-ci is running on this machine" || !strings.Contains(said.String(), "settings of registries have changed since") {
		t.Errorf("it is taken because %q; said: %s", busy.Why, said.String())
	}
	buildkitd.CloseAll(t, before, busy)
	said.Reset()
	renewed := connected(t, o)
	if err := pull(t, renewed, addr); err != nil {
		t.Error(err)
	}
	buildkitd.CloseAll(t, renewed)
	again := connected(t, o)
	if renewed.Why == again.Why || said.String() != "" {
		t.Errorf("it was not renewed once: %q, then %q; said: %s", renewed.Why, again.Why, said.String())
	}
	buildkitd.CloseAll(t, again)
	o.Existing, o.Daemon.Registries = true, nil
	pruning := connected(t, o)
	if pruning.Why != again.Why {
		t.Errorf("what only looks has renewed it: %q", pruning.Why)
	}
	buildkitd.CloseAll(t, pruning)
}

func connected(t *testing.T, o daemon.Options) *daemon.Connection {
	t.Helper()
	c, err := daemon.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// securedBase is a registry with a base image behind TLS that asks for certificates.
func securedBase(t *testing.T, a *authority.Authority) (addr string) {
	t.Helper()
	server, err := registry.Start(registry.Options{Open: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	if _, err := registry.PushBase(t.Context(), server.Addr()+"/acme/base:1", map[string][]byte{"a": []byte("a")}, "", ""); err != nil {
		t.Fatal(err)
	}
	settings, err := a.Server(true)
	if err != nil {
		t.Fatal(err)
	}
	front, err := proxy.StartTLS(server.Addr(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = front.Close() })
	return front.Addr()
}

// pull has a daemon read an image's manifest.
func pull(t *testing.T, c *daemon.Connection, addr string) error {
	t.Helper()
	definition, err := llb.Image(addr+"/acme/base:1").Marshal(t.Context(), llb.LinuxAmd64)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Client.Solve(t.Context(), definition, client.SolveOpt{}, nil)
	return err
}
