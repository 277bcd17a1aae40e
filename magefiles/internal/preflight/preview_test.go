package preflight

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// A registry that does not answer is asked once, and each image says why itself: none has the words of another's.
func TestEachImageNamesItsOwnCause(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	host := strings.TrimPrefix(server.URL, "http://")
	server.Close()
	p := &plan.Plan{}
	for i := range 3 * parallel.Lookups { // more than are asked for at once
		name := fmt.Sprintf("c%d", i)
		p.Images = append(p.Images, plan.Image{Component: component.Name(name), Repository: refs.Repository(host + "/acme/backend"), Tag: name + "-stage-a1b2c3d4"})
	}
	c := &Checker{plan: p, registry: registry.New(registry.Options{Keychain: auth.NewKeychain(t.TempDir())})}
	unasked := 0
	for i, err := range c.previewTags(t.Context(), newState(p)) {
		if err == nil {
			t.Fatalf("%s was asked for", p.Images[i].Component)
		}
		if strings.Contains(err.Error(), host+" was not asked: it has not answered for c") {
			unasked++
		}
		for k, other := range p.Images {
			if i != k && strings.Contains(err.Error(), other.Tag) {
				t.Errorf("%s says what %s failed with: %v", p.Images[i].Component, other.Component, err)
			}
		}
	}
	if unasked == 0 {
		t.Error("the registry was asked for every image")
	}
}
