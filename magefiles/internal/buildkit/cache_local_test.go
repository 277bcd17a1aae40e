package buildkit

import (
	"reflect"
	"testing"

	"github.com/moby/buildkit/client"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/attachable"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

func TestCacheEntries(t *testing.T) {
	gha := config.CacheEntry{Type: "gha", Attrs: map[string]string{"scope": "core"}}
	local := config.CacheEntry{Type: "local", Attrs: map[string]string{"src": "cache/core", "dest": "/var/cache/core"}}
	img := plan.Image{Component: "core", Cache: config.Cache{Image: refs.Repository("ghcr.io/acme/cache"), Mode: "max", From: []config.CacheEntry{gha, local}, To: []config.CacheEntry{gha}}}
	img.Needs = []plan.Image{{Component: "base", Cache: config.Cache{Image: refs.Repository("ghcr.io/acme/cache")}}}
	ref := func(tag string) map[string]string { return map[string]string{"ref": "ghcr.io/acme/cache:" + tag} }
	variables := map[string]string{}
	c := cacheSource{root: "/src", lookup: func(name string) (string, bool) { v, ok := variables[name]; return v, ok }}
	localEntry := client.CacheOptionsEntry{Type: "local", Attrs: map[string]string{"src": "/src/cache/core", "dest": "/var/cache/core"}}

	want := []client.CacheOptionsEntry{{Type: "registry", Attrs: ref("core-linux-arm-v7")}, localEntry, {Type: "registry", Attrs: ref("base-linux-arm-v7")}}
	if got := c.importEntries(img, []string{"linux/arm/v7"}); !reflect.DeepEqual(got, want) {
		t.Errorf("imports %+v, want %+v", got, want)
	}
	if got := c.exportEntries(img, []string{"linux/amd64"}); len(got) != 1 || got[0].Attrs["ignore-error"] != "true" || got[0].Attrs["mode"] != "max" {
		t.Errorf("exports %+v", got)
	}

	variables["ACTIONS_RUNTIME_TOKEN"], variables["ACTIONS_RESULTS_URL"] = "t0ken", "https://results/"
	exports := c.exportEntries(img, nil)
	if len(exports) != 1 || !reflect.DeepEqual(exports[0].Attrs, map[string]string{"scope": "core", "token": "t0ken", "url_v2": "https://results/", "ignore-error": "true"}) {
		t.Errorf("with GitHub's cache: %+v", exports)
	}
	img.Cache.To[0].Attrs = map[string]string{"ignore-error": "false"}
	if exports = c.exportEntries(img, nil); exports[0].Attrs["ignore-error"] != "false" {
		t.Errorf("what the configuration says of errors has become %+v", exports)
	}
	if len(gha.Attrs) != 1 {
		t.Errorf("the configuration has become %+v", gha)
	}
	hidden := redact.New()
	if attachable.Learn(hidden, c.tokenSecret()); hidden.String("a t0ken") != "a ***" {
		t.Error("the token is not masked")
	}
}
