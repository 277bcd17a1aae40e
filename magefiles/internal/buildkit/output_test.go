package buildkit_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// outputs has an image of each kind: with a secret, a base from a registry and layers of its own; with several platforms;
// with what it needs.
func outputs(t *testing.T) (*repository, *registry.Server) {
	t.Helper()
	server, account := startRegistry(t)
	r := newRepository(t)
	pushBaseTo(t, server)
	r.opts.Credentials = account
	r.opts.LookupEnv = func(string) (string, bool) { return "s3cret-value", true }
	r.opts.PrepareKeys = map[component.Name]string{"core": "p1"}
	r.write("src/main.txt", "source")
	core := r.component("core", "FROM "+server.Addr()+"/acme/base:1\nWORKDIR /app/data\nCOPY src/ ./src/\nRUN --mount=type=secret,id=token cat /run/secrets/token && write out/a.txt compiled\n")
	core.Secrets = []config.Secret{{ID: "token", Env: "TOKEN"}}
	core.Labels["team"] = "core"
	several := r.component("several", "FROM scratch\nCOPY toolbox /a\nCOPY src/ /src/\n")
	several.Platforms = []string{"linux/arm64", "linux/amd64"}
	r.component("needing", "FROM core\nCOPY src/ /more/\n").Needs = []plan.Image{r.needed("core")}
	for i := range r.plan.Images {
		r.plan.Images[i].Repository = refs.Repository(server.Addr() + "/acme/" + string(r.plan.Images[i].Component))
	}
	return r, server
}

func pushBaseTo(t *testing.T, server *registry.Server) {
	t.Helper()
	image := baseImage(t)
	if _, err := registry.Push(t.Context(), server.Addr()+"/acme/base:1", image, "robot", "push-s3cret"); err != nil {
		t.Fatal(err)
	}
}

func TestBothOutputsGiveTheSameDigests(t *testing.T) {
	r, server := outputs(t)
	stored := r.must()
	r.opts.Layout, r.opts.Rebuild, r.opts.Push = t.TempDir(), true, true
	pushed := r.must()
	layout := openLayout(t, r.opts.Layout)
	for i, img := range pushed {
		if img.Descriptor.Digest != stored[i].Descriptor.Digest || img.Descriptor.MediaType != stored[i].Descriptor.MediaType || img.Descriptor.Size != stored[i].Descriptor.Size {
			t.Errorf("%s: pushed %+v, stored %+v", img.Component, img.Descriptor, stored[i].Descriptor)
		}
		if !img.Remote || stored[i].Remote {
			t.Errorf("%s: where it is, is not told", img.Component)
		}
		if found, ok := layout.Find(img.Ref); !ok || !ocilayout.IsRemote(found) {
			t.Errorf("%s: the layout does not say where it is: %+v", img.Component, found)
		}
		validateRemote(t, r.plan.Images[i].Repository.String(), img.Descriptor)
	}
	if n := blobs(t, layout); n != 0 {
		t.Errorf("the layout has %d blobs", n)
	}
	for _, request := range server.Requests() {
		if request.Method == http.MethodPut && request.Kind == registry.Manifest && !strings.HasPrefix(request.Target, "sha256:") && request.Repository != "acme/base" {
			t.Errorf("a tag is set: %+v", request)
		}
	}
}

// validateRemote has another implementation read all that a digest names.
func validateRemote(t *testing.T, repository string, desc ocispec.Descriptor) {
	t.Helper()
	ref, err := name.NewDigest(repository + "@" + desc.Digest.String())
	if err != nil {
		t.Fatal(err)
	}
	auth := remote.WithAuth(&authn.Basic{Username: "robot", Password: "push-s3cret"})
	if desc.MediaType == ocispec.MediaTypeImageIndex {
		index, err := remote.Index(ref, auth, remote.WithContext(t.Context()))
		if err == nil {
			err = validate.Index(index)
		}
		if err != nil {
			t.Errorf("%s: %v", ref, err)
		}
		return
	}
	img, err := remote.Image(ref, auth, remote.WithContext(t.Context()))
	if err == nil {
		err = validate.Image(img)
	}
	if err != nil {
		t.Errorf("%s: %v", ref, err)
	}
}

// What the layout has of the same inputs is not pushed by a daemon: the caller pushes it from there.
func TestKnownInputsStayInTheLayout(t *testing.T) {
	r, _ := outputs(t)
	r.plan.Images = r.plan.Images[:2]
	r.opts.Fingerprints = fingerprints(r.must())
	r.opts.Push, r.opts.Connect = true, forbidden
	for _, img := range r.must() {
		if !img.Reused || img.Remote {
			t.Errorf("%+v", img)
		}
	}
}

// TestWhatADaemonCannotPushComesHere: a daemon that cannot reach the registry, or is refused, does not end the build. What it has
// built comes here, from where it can be pushed.
func TestWhatADaemonCannotPushComesHere(t *testing.T) {
	for name, fault := range map[string]func(http.ResponseWriter){
		"cut":       func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"refused":   func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) },
		"too large": func(w http.ResponseWriter) { w.WriteHeader(http.StatusRequestEntityTooLarge) },
	} {
		t.Run(name, func(t *testing.T) { comesHere(t, fault) })
	}
}

func comesHere(t *testing.T, fault func(http.ResponseWriter)) {
	t.Helper()
	r, server := outputs(t)
	r.opts.Push = true
	server.Inject(func(w http.ResponseWriter, request *http.Request, _ registry.Request) bool {
		if strings.HasPrefix(request.UserAgent(), "buildkit/") && (request.Method == http.MethodPost || request.Method == http.MethodPut) {
			fault(w)
			return true
		}
		return false
	})
	images := r.must()
	layout := openLayout(t, r.opts.Layout)
	for _, img := range images {
		found, ok := layout.Find(img.Ref)
		if img.Remote || !ok || ocilayout.IsRemote(found) || img.Size == 0 {
			t.Errorf("%s is not here: %+v", img.Component, img)
		}
		if img.Steps == 0 {
			t.Errorf("%s has no steps", img.Component)
		}
		if !strings.Contains(r.output.String(), "cannot push "+string(img.Component)+", so it is pushed from here: failed to push "+server.Addr()) {
			t.Errorf("nothing is said of %s:\n%s", img.Component, r.output.String())
		}
	}
}
