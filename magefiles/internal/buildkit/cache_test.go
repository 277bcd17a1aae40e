package buildkit_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// startRegistry returns a registry with an account that may push below acme/, and that account for Options.Credentials.
func startRegistry(t testing.TB) (*registry.Server, func(context.Context, string) (string, string, error)) {
	t.Helper()
	server, err := registry.Start(registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	server.AddUser("robot", "push-s3cret", registry.Grant{Repository: "acme/*", Push: true})
	return server, func(context.Context, string) (string, string, error) { return "robot", "push-s3cret", nil }
}

// staged has a stage that the image does not consist of.
const staged = base + "RUN write /compiled here\n" + "FROM scratch\nCOPY toolbox /bin/sh\nENV PATH=/bin\nCOPY --from=0 /compiled /compiled\nRUN cat /compiled\n"

func TestCacheForAnotherMachine(t *testing.T) {
	server, account := startRegistry(t)
	r := newRepository(t)
	r.opts.Credentials, r.opts.Rebuild = account, true
	r.component("core", staged).Cache = config.Cache{Image: refs.Repository(server.Addr() + "/acme/cache"), Mode: config.CacheMax}
	r.component("batch", "FROM core\nRUN echo batch\n").Needs = []plan.Image{r.needed("core")}
	for i, platforms := range [][]string{nil, {"linux/amd64", "linux/arm64/v8"}} {
		r.plan.Images[0].Platforms = platforms
		if platforms != nil {
			r.write("docker/core/Dockerfile", "FROM scratch\nCOPY toolbox /for-every-machine\n")
			r.plan.Images = r.plan.Images[:1]
		}
		r.opts.Connect = buildkitd.Connected(sharedDaemon.Connection(t))
		r.must() // there is no cache to read yet
		if strings.Contains(r.output.String(), "FAILED") {
			t.Errorf("a cache that is not there is shown as a failure:\n%s", r.output.String())
		}
		r.opts.Connect = buildkitd.Connected(buildkitd.Start(t).Connection)
		for _, img := range r.must() {
			want := img.Steps
			if img.Component == "batch" {
				want-- // its own is in no cache
			}
			if img.Steps == 0 || img.CachedSteps != want {
				t.Errorf("platforms %d: another machine has %d of %d steps of %s in the cache:\n%s", i, img.CachedSteps, img.Steps, img.Component, r.output.String())
			}
		}
	}
	var tags []string
	for _, request := range server.Requests() {
		if request.Method == http.MethodPut && request.Kind == registry.Manifest {
			tags = append(tags, request.Target)
		}
	}
	for _, tag := range []string{"core-linux-amd64", "core-linux-arm64-v8"} {
		if !strings.Contains(strings.Join(tags, " "), tag) {
			t.Errorf("the cache is written as %q, and not as %s", tags, tag)
		}
	}
}

func TestCacheThatCannotBeWrittenFailsNoBuild(t *testing.T) {
	server, account := startRegistry(t)
	r := newRepository(t)
	r.opts.Credentials = account
	other := config.CacheEntry{Type: "registry", Attrs: map[string]string{"ref": server.Addr() + "/forbidden/other:core"}}
	r.component("core", base+"RUN echo core\n").Cache = config.Cache{Image: refs.Repository(server.Addr() + "/forbidden/cache"), Mode: config.CacheMin, To: []config.CacheEntry{other}}
	r.must()
	for _, request := range server.Requests() {
		if request.Method == http.MethodPut && request.Kind == registry.Manifest {
			if request.Status < 400 {
				t.Errorf("a manifest is put: %+v", request)
			}
		}
	}
}
