package registry_test

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/hosts"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/authority"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/proxy"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// dialling connects to one address whatever the host is, so that a registry may have any name.
func dialling(addr string) *http.Transport {
	transport := protocol.NewTransport()
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, addr)
	}
	return transport
}

// registryNamed is a registry's client by a machine's files, with the credentials of user for the registry.
func registryNamed(t *testing.T, host, addr string, machine *hosts.Machine) *registry.Client {
	t.Helper()
	token := auth.Token{Hosts: []string{host}, User: user, Secret: password, Name: "TOKEN"}
	return registry.New(registry.Options{
		Keychain: auth.NewKeychain(t.TempDir(), token), Machine: machine, Transport: dialling(addr), Sleep: noSleep,
	})
}

// exercised has a client do all that a release does with a registry.
func exercised(t *testing.T, client *registry.Client, repository string) {
	t.Helper()
	l := newLibrary(t)
	image := push.Image{Ref: refs.Image(repository + ":1"), Descriptor: l.image("a1", l.layer(repository, 5000))}
	if _, err := client.ProvePush(t.Context(), refs.Repository(repository)); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Push(t.Context(), l.store, []push.Image{image}, nil); err != nil {
		t.Fatal(err)
	}
	found, err := client.Lookup(t.Context(), image.Ref)
	if err != nil || found.Descriptor.Digest != image.Descriptor.Digest || found.Origin.Revision != "a1" {
		t.Fatalf("%+v, %v", found, err)
	}
	again := push.Image{Ref: refs.Image(repository + ":2"), Descriptor: found.Descriptor}
	if _, err := client.Retag(t.Context(), []push.Image{again}); err != nil {
		t.Fatal(err)
	}
}

// withTLS runs a registry behind TLS of an authority, which asks for a client's certificate where required.
func withTLS(t *testing.T, b backend, a *authority.Authority, required bool, names ...string) *proxy.Proxy {
	t.Helper()
	settings, err := a.Server(required, names...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := proxy.StartTLS(b.Addr(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// TestRegistriesWithTLS has registries with a certificate of an own authority, which ask for one of this machine.
func TestRegistriesWithTLS(t *testing.T) {
	for _, b := range backends {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			server, err := b.start(t)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = server.Close() })
			const host = "registry.test:5000"
			a := newAuthority(t)
			front, files := withTLS(t, server, a, true, "registry.test"), clientFiles(t, a)
			exercised(t, registryNamed(t, host, front.Addr(), machineOf(t, host, files)), host+"/acme/shop")
			toml := map[string]string{
				"hosts.toml": "ca = 'ca.pem'\nclient = [['a.pem', 'b.pem']]\n", "ca.pem": files["ca.crt"],
				"a.pem": files["client.cert"], "b.pem": files["client.key"],
			}
			exercised(t, registryNamed(t, host, front.Addr(), machineOf(t, host, toml)), host+"/acme/other")

			for want, left := range map[string]map[string]string{
				"put that of its authority into /etc/docker/certs.d/registry.test:5000/ca.crt": {"client.cert": files["client.cert"], "client.key": files["client.key"]},
				"asks this machine for a certificate":                                          {"ca.crt": files["ca.crt"]},
			} {
				_, err := registryNamed(t, host, front.Addr(), machineOf(t, host, left)).Resolve(t.Context(), refs.Image(host+"/acme/shop:1"))
				if p := problem.As(err); p == nil || !strings.Contains(p.Remedy, want) {
					t.Errorf("%v, want %q", err, want)
				}
			}
		})
	}
}

// TestRegistriesWithoutTLS speaks to a registry that is not on this machine without TLS where a file of the machine says so, and
// nowhere else.
func TestRegistriesWithoutTLS(t *testing.T) {
	for _, b := range backends {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			server, err := b.start(t)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = server.Close() })
			front := before(t, server)
			const host = "registry.test:5000"
			said := machineOf(t, host, map[string]string{"hosts.toml": "[host.'http://registry.test:5000']\n"})
			exercised(t, registryNamed(t, host, front.Addr(), said), host+"/acme/shop")
			front.ResetRequests()
			for _, machine := range []*hosts.Machine{nil, machineOf(t, "registry.test:5001", map[string]string{"hosts.toml": "server = 'http://registry.test:5001'\n"})} {
				_, err := registryNamed(t, host, front.Addr(), machine).Resolve(t.Context(), refs.Image(host+"/acme/shop:1"))
				if p := problem.As(err); p == nil || !strings.Contains(p.Remedy, "/etc/containerd/certs.d/registry.test:5000/hosts.toml") {
					t.Errorf("%v", err)
				}
			}
			if got := front.Requests(); len(got) > 0 {
				t.Errorf("without TLS came %+v", got)
			}
		})
	}
}
