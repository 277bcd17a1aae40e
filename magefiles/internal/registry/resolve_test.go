package registry_test

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

func TestResolve(t *testing.T) {
	server, l := start(t, testkit.Options{}), newLibrary(t)
	client, desc := clientFor(t, server), l.image("a1", l.layer("base", 100))
	ref := server.Addr() + "/acme/backend:1"
	if err := client.CheckPush(t.Context(), refs.Repository(server.Addr()+"/acme/backend")); err != nil {
		t.Fatal(err)
	}
	server.ResetRequests()
	if _, err := client.Resolve(t.Context(), refs.Image(ref)); !errors.Is(err, registry.ErrNotFound) || problem.As(err) == nil {
		t.Errorf("err = %v, want not found", err)
	}
	if _, err := client.Push(t.Context(), l.store, []push.Image{{Ref: refs.Image(ref), Descriptor: desc}}, nil); err != nil {
		t.Fatal(err)
	}
	server.ResetRequests()
	found, err := client.Resolve(t.Context(), refs.Image(ref))
	if err != nil || found.Digest != desc.Digest || found.Size != desc.Size || found.MediaType != desc.MediaType {
		t.Errorf("found %+v, %v; want %+v", found, err, desc)
	}
	if all := server.Requests(); len(all) != 1 || all[0].Method != http.MethodHead {
		t.Errorf("requests %+v, want one HEAD", all)
	}
	if found, err := client.Resolve(t.Context(), refs.Image(server.Addr()+"/acme/backend@"+desc.Digest.String())); err != nil || found.Digest != desc.Digest {
		t.Errorf("by digest: %+v, %v", found, err)
	}
	if _, err := client.Resolve(t.Context(), refs.Image(server.Addr()+"/acme/backend")); problem.As(err) == nil || problem.As(err).ExitStatus() != problem.Usage {
		t.Errorf("without a tag: err = %v", err)
	}
}

func TestResolveOpenAndPublic(t *testing.T) {
	for name, o := range map[string]testkit.Options{"open": {Open: true}, "public": {AnonymousPull: true}} {
		t.Run(name, func(t *testing.T) {
			server := start(t, o)
			digest, err := testkit.PushBase(t.Context(), server.Addr()+"/acme/base:1", map[string][]byte{"bin/x": {1}}, user, password)
			if err != nil {
				t.Fatal(err)
			}
			found, err := registry.New(registry.Options{Sleep: noSleep}).Resolve(t.Context(), refs.Image(server.Addr()+"/acme/base:1"))
			if err != nil || found.Digest.String() != digest {
				t.Errorf("found %v, %v; want %s", found.Digest, err, digest)
			}
		})
	}
}

func TestNetworkProblems(t *testing.T) {
	plain, tls := httptest.NewServer(http.NotFoundHandler()), httptest.NewUnstartedServer(http.NotFoundHandler())
	defer plain.Close()
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	defer tls.Close()
	closed, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer closed.Close()
	free := closed.Addr().String()
	closed.Close()
	for name, test := range map[string]struct {
		host string
		tls  bool
		want string
	}{
		"refused":           {free, false, "nothing listens at " + free},
		"no such host":      {"registry.invalid", false, `"registry.invalid" cannot be looked up`},
		"no TLS":            {plain.Listener.Addr().String(), true, "does not speak TLS"},
		"unknown authority": {tls.Listener.Addr().String(), true, "does not trust the certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			options := registry.Options{Sleep: noSleep}
			if test.tls {
				options.Machine = overTLS(t, test.host)
			}
			client := registry.New(options)
			for _, err := range []error{client.CheckPush(t.Context(), refs.Repository(test.host+"/acme/a")), func() error {
				_, err := client.Resolve(t.Context(), refs.Image(test.host+"/acme/a:1"))
				return err
			}()} {
				if p := problem.As(err); p == nil || !strings.Contains(p.Error(), test.want) {
					t.Errorf("err = %v, want %q", err, test.want)
				}
			}
		})
	}
}

// Registries other than ghcr.io ask for the password itself.
func TestBasicAuthentication(t *testing.T) {
	server, l := start(t, testkit.Options{Open: true}), newLibrary(t)
	server.Inject(func(w http.ResponseWriter, r *http.Request, request testkit.Request) bool {
		if _, secret, _ := r.BasicAuth(); secret == password {
			return false
		}
		_, _ = io.Copy(io.Discard, r.Body)
		return testkit.Answer(401, http.Header{"Www-Authenticate": {`Basic realm="registry"`}}, "UNAUTHORIZED", "authentication required")(w, r, request)
	})
	image := push.Image{Ref: refs.Image(server.Addr() + "/acme/backend:1"), Descriptor: l.image("a1", l.layer("base", 10))}
	for name, test := range map[string]struct {
		secret string
		denied bool
	}{"right": {password, false}, "wrong": {"wrong", true}, "none": {"", true}} {
		t.Run(name, func(t *testing.T) {
			client := registry.New(registry.Options{Keychain: keychain(t, server, test.secret), Sleep: noSleep})
			if _, err := client.Push(t.Context(), l.store, []push.Image{image}, nil); errors.Is(err, registry.ErrDenied) != test.denied || (err == nil) == test.denied {
				t.Errorf("err = %v, want denied %v", err, test.denied)
			}
		})
	}
}
