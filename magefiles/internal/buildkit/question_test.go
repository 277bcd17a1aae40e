package buildkit_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/moby/buildkit/client"
	gateway "github.com/moby/buildkit/frontend/gateway/client"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestWhatExistsIsNotBuilt holds that the daemon's answer is looked up before anything is built, exported or pushed.
func TestWhatExistsIsNotBuilt(t *testing.T) {
	server, account := startRegistry(t)
	r := newRepository(t)
	r.opts.Credentials, r.opts.Push = account, true
	r.component("core", base+"RUN echo core\n").Repository = refs.Repository(server.Addr() + "/acme/core")
	var asked []string
	r.opts.Existing = func(_ context.Context, img plan.Image, f identity.Fingerprint) (bool, error) {
		asked = append(asked, string(img.Component)+" "+f.Key)
		return true, nil
	}
	before := len(server.Requests())
	img := r.must()[0]
	if !img.Existing || img.Descriptor.Digest != "" || img.Steps != 0 || len(asked) != 1 || asked[0] != "core "+img.Fingerprint.Key {
		t.Errorf("existing %v, descriptor %v, asked %q", img.Existing, img.Descriptor, asked)
	}
	for _, request := range server.Requests()[before:] {
		if request.Method != http.MethodGet && request.Method != http.MethodHead {
			t.Errorf("the registry was asked to %s %s", request.Method, request.Target)
		}
	}
	if _, found := openLayout(t, r.opts.Layout).Find(img.Ref); found {
		t.Error("the layout names an image that it does not have")
	}
	r.opts.Fingerprints = map[component.Name]identity.Fingerprint{"core": img.Fingerprint} // the check has looked for it already
	if img := r.must()[0]; img.Existing || len(asked) != 1 {
		t.Errorf("existing %v, asked %q", img.Existing, asked)
	}
	r.opts.Fingerprints, r.opts.Rebuild = nil, true
	if img := r.must()[0]; img.Existing || len(asked) != 1 {
		t.Errorf("with -rebuild: existing %v, asked %q", img.Existing, asked)
	}
	r.opts.Rebuild = false
	refused := errors.New("the registry is down")
	r.opts.Existing = func(context.Context, plan.Image, identity.Fingerprint) (bool, error) { return false, refused }
	if _, err := r.run(); err == nil || !strings.Contains(err.Error(), "the registry is down") {
		t.Errorf("error %v, want that of the question", err)
	}
}

// TestEmptyAnswerIsNoImage holds the trap itself, so that a later BuildKit is seen to have another one: an empty result is
// exported. And that such an image is refused, as well as one whose layers are not those of its configuration.
func TestEmptyAnswerIsNoImage(t *testing.T) {
	layout := openLayout(t, t.TempDir())
	export := client.ExportEntry{Type: client.ExporterOCI, Attrs: map[string]string{"tar": "false"}, OutputStore: layout.Store()}
	response, err := sharedDaemon.Connection(t).Client.Build(t.Context(), client.SolveOpt{Exports: []client.ExportEntry{export}}, "",
		func(context.Context, gateway.Client) (*gateway.Result, error) { return gateway.NewResult(), nil }, nil)
	if err != nil || response.ExporterResponse["containerimage.digest"] == "" {
		t.Fatalf("BuildKit exports nothing of an empty result any more: %v, %v", response, err)
	}
	root, err := buildkit.Descriptor(response.ExporterResponse)
	if err != nil {
		t.Fatal(err)
	}
	read := func(ctx context.Context, desc ocispec.Descriptor) ([]byte, error) {
		return content.ReadBlob(ctx, layout.Store(), desc)
	}
	if err := buildkit.VerifyImage(t.Context(), root, map[string]string{plan.RevisionLabel: "a1"}, read); err == nil {
		t.Error("an empty image is taken")
	}
}

// TestLabelsAreStamped holds that the commit's labels are in the image and not in its key, also through an image that is needed.
func TestLabelsAreStamped(t *testing.T) {
	r := newRepository(t)
	r.component("base", base+"LABEL team=a\nRUN write /n 1\n")
	r.component("core", "FROM base\nRUN echo core\n").Needs = []plan.Image{r.needed("base")}
	revision := func(sha string) {
		for i := range r.plan.Images {
			r.plan.Images[i].Labels = map[string]string{
				plan.RevisionLabel: sha, ocispec.AnnotationVersion: "v-" + sha, ocispec.AnnotationTitle: "shop",
			}
		}
		r.plan.Images[1].Needs = []plan.Image{r.needed("base")}
	}
	r.opts.Rebuild = true
	revision("one")
	first := r.must()
	revision("two")
	second := r.must()
	for i := range first {
		if first[i].Fingerprint.Key != second[i].Fingerprint.Key || first[i].Fingerprint.Key == "" {
			t.Errorf("%s: the keys %q and %q (%s)", first[i].Component, first[i].Fingerprint.Key, second[i].Fingerprint.Key, first[i].Fingerprint.Unknown)
		}
		labels := imageConfig(t, r, second[i].Descriptor).Config.Labels
		if labels[plan.RevisionLabel] != "two" || labels[ocispec.AnnotationVersion] != "v-two" || labels["team"] != "a" ||
			labels[ocispec.AnnotationTitle] != "shop" || labels[plan.KeyAnnotation] != second[i].Fingerprint.Key {
			t.Errorf("%s has the labels %v", second[i].Component, labels)
		}
	}
}

// TestBasesArePinned holds that a daemon builds from what the check has resolved, whatever the tag names by now, and that a stage
// of the base's name stays a stage.
func TestBasesArePinned(t *testing.T) {
	server, account := startRegistry(t)
	ref := server.Addr() + "/acme/base:1"
	push := func(text string) digest.Digest {
		d, err := registry.PushBase(t.Context(), ref, map[string][]byte{"which": []byte(text)}, "robot", "push-s3cret")
		if err != nil {
			t.Fatal(err)
		}
		return digest.Digest(d)
	}
	r := newRepository(t)
	r.opts.Credentials, r.opts.Rebuild = account, true
	r.component("core", "FROM "+ref+" AS base\nCOPY toolbox /bin/sh\nFROM base\nRUN echo it is && cat /which\n")
	one := push("one-of-two")
	push("two-of-two")
	r.opts.Fingerprints = map[component.Name]identity.Fingerprint{"core": {Bases: map[string]digest.Digest{ref: one}}}
	pinned := r.must()[0]
	if !strings.Contains(r.output.String(), "one-of-two") || pinned.Fingerprint.Key == "" {
		t.Errorf("the base is another: key %q, %s", pinned.Fingerprint.Key, r.output.String())
	}
	r.opts.Fingerprints = nil
	if moved := r.must()[0]; !strings.Contains(r.output.String(), "two-of-two") || moved.Fingerprint.Key == pinned.Fingerprint.Key {
		t.Errorf("without a pin: key %s, and %s with it; %s", moved.Fingerprint.Key, pinned.Fingerprint.Key, r.output.String())
	}
}

// TestRegistryOfABaseThatHangs holds that a build does not wait without end, as BuildKit does.
func TestRegistryOfABaseThatHangs(t *testing.T) {
	server, account := startRegistry(t)
	ended := make(chan struct{})
	defer close(ended)
	server.Inject(func(_ http.ResponseWriter, r *http.Request, _ registry.Request) bool {
		select {
		case <-r.Context().Done():
		case <-ended:
		}
		return true
	})
	r := newRepository(t)
	r.opts.Credentials, r.opts.FrontendTime = account, time.Second
	r.component("core", "FROM "+server.Addr()+"/acme/base:1\n")
	_, err := r.run()
	if p := problem.As(err); p == nil || !strings.Contains(p.Error(), "has not read its Dockerfile and looked up its base images") || p.Remedy == "" {
		t.Errorf("error %v", err)
	}
}

// TestNamesBeyondASCII holds that a daemon's filters are understood, which it escapes where they are not ASCII.
func TestNamesBeyondASCII(t *testing.T) {
	r := newRepository(t)
	r.write("src/mit leer ü", "found")
	r.write("src/weg ü", "hidden")
	r.write(".dockerignore", "src/weg ü\n")
	r.component("core", base+"COPY [\"src/mit leer ü\", \"/ü\"]\nRUN cat /ü\n")
	r.component("batch", base+"COPY [\"src/weg ü\", \"/ü\"]\n")
	if _, err := r.run(); err == nil || !strings.Contains(err.Error(), "weg ü") || strings.Contains(err.Error(), "mit leer") {
		t.Errorf("error %v, want that of the file that is ignored", err)
	}
	r.plan.Images = r.plan.Images[:1]
	if img := r.must()[0]; img.Fingerprint.Key == "" {
		t.Errorf("no key: %s", img.Fingerprint.Unknown)
	}
}
