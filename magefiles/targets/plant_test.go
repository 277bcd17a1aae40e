package targets_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// forgery is what an image says that somebody with access to the registry has pushed.
type forgery struct {
	annotations, labels map[string]string
	beside              *forgery // a second platform
}

// facts are what a build says of an image.
func facts(revision, key string) map[string]string {
	all := map[string]string{plan.RevisionLabel: revision, plan.KeyAnnotation: key}
	maps.DeleteFunc(all, func(_, value string) bool { return value == "" })
	return all
}

func (a *application) forge(f forgery) v1.Image {
	a.t.Helper()
	image, err := registry.Image(map[string][]byte{"bin/evil": []byte(fmt.Sprint(f))})
	a.must(err)
	config, err := image.ConfigFile()
	a.must(err)
	config = config.DeepCopy()
	config.Config.Labels = f.labels
	image, err = mutate.ConfigFile(image, config)
	a.must(err)
	annotated, ok := mutate.Annotations(image, f.annotations).(v1.Image)
	if !ok {
		a.t.Fatal("an image with annotations is no image")
	}
	return annotated
}

// plant puts a forgery under a tag of the application's images.
func (a *application) plant(tag string, f forgery) (digest string) {
	a.t.Helper()
	image, ref := a.forge(f), a.imageAt(tag)
	if f.beside == nil {
		digest, err := registry.Push(a.t.Context(), ref, image, "dev", a.registryToken)
		a.must(err)
		return digest
	}
	index := mutate.AppendManifests(empty.Index,
		mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}},
		mutate.IndexAddendum{Add: a.forge(*f.beside), Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64"}}})
	annotated, ok := mutate.Annotations(index, f.annotations).(v1.ImageIndex)
	if !ok {
		a.t.Fatal("an index with annotations is no index")
	}
	a.must(registry.PushIndex(a.t.Context(), ref, annotated, "dev", a.registryToken))
	hash, err := annotated.Digest()
	a.must(err)
	return hash.String()
}

func (a *application) imageAt(tag string) string {
	return a.registry.Addr() + "/" + example.Owner + "/" + a.name + ":" + tag
}

// keyOf is the key of what a tag names.
func (a *application) keyOf(tag string) string {
	a.t.Helper()
	image, err := registry.Pull(a.t.Context(), a.imageAt(tag), "dev", a.registryToken)
	a.must(err)
	config, err := image.ConfigFile()
	a.must(err)
	return config.Config.Labels[plan.KeyAnnotation]
}

// forgeries are images that do not say in all places that they are of a revision and made of a key; why is what a refusal says of
// them under a commit's own tag.
func forgeries(revision, key string) map[string]struct {
	forgery
	why string
} {
	other := strings.Repeat("0", 64)
	all := facts(revision, key)
	stranger := facts(strings.Repeat("b", 40), other)
	type named = struct {
		forgery
		why string
	}
	return map[string]named{
		"annotation alone":     {forgery{annotations: facts(revision, "")}, "contradicts itself"},
		"both annotations":     {forgery{annotations: all}, "contradicts itself"},
		"labels of another":    {forgery{annotations: all, labels: stranger}, "contradicts itself"},
		"another key in label": {forgery{annotations: all, labels: facts(revision, other)}, "contradicts itself"},
		"no key":               {forgery{annotations: facts(revision, ""), labels: facts(revision, "")}, "does not say what it is made of"},
		"another key":          {forgery{annotations: facts(revision, other), labels: facts(revision, other)}, "made of something else"},
		"labels alone":         {forgery{labels: all}, "does not say what it is made of"},
		"nothing":              {forgery{}, "built from other sources at an unknown commit"},
		"another platform":     {forgery{annotations: all, labels: all, beside: &forgery{labels: stranger}}, "contradicts itself"},
		"index alone":          {forgery{annotations: all, beside: &forgery{}}, "contradicts itself"},
	}
}

// TestAttackPlantedTag puts images under the tag of a commit that is to be released: none is taken for the commit's. One that is
// forged in all places is: that is what SECURITY.md does not promise.
func TestAttackPlantedTag(t *testing.T) {
	t.Parallel()
	a := documented(t)
	a.succeed("release")
	key := a.keyOf("frontend-stage-" + a.shortSHA())
	deployed := a.log()
	for _, name := range slices.Sorted(maps.Keys(forgeries("", ""))) {
		a.write("README.md", name)
		a.commit("a word")
		planted, tag := forgeries(a.sha(), key)[name], "frontend-stage-"+a.shortSHA()
		digest := a.plant(tag, planted.forgery)
		for _, command := range []string{"release", "bump", "push"} {
			a.refuse(3, []string{tag, "another image", digest, planted.why}, command)
		}
		actions, whys := a.actions()
		if want(t, name, actions, "refuse"); !strings.Contains(whys[0], planted.why) {
			t.Errorf("%s: the plan says %q", name, whys)
		}
	}
	if got := a.log(); len(got) != len(deployed) {
		t.Errorf("history %q", got)
	}
	a.write("README.md", "all of it")
	a.commit("a word")
	all := facts(a.sha(), key)
	digest := a.plant("frontend-stage-"+a.shortSHA(), forgery{annotations: all, labels: all})
	if released, states := a.images("release"); released["frontend"] != digest || states["frontend"] != "exists" {
		t.Errorf("what says all: %v, %v", released, states)
	}
}

// TestAttackPlantedKey puts images under the tag by which images of the same inputs are found: the commit is built.
func TestAttackPlantedKey(t *testing.T) {
	t.Parallel()
	a := documented(t)
	released, _ := a.images("release")
	tag := "frontend-stage-" + a.shortSHA()
	key, sha := a.keyOf(tag), a.sha()
	a.write("README.md", "a word")
	a.commit("a word")
	want(t, "before", first(a.actions()), "retag")
	for name, planted := range forgeries(sha, key) {
		a.plant(plan.KeyTag(key), planted.forgery)
		actions, whys := a.actions()
		if want(t, name, actions, "build"); !strings.Contains(whys[0], "under the tag of its key") {
			t.Errorf("%s: the plan says %q", name, whys)
		}
	}
	if built, states := a.images("release"); built["frontend"] == released["frontend"] || states["frontend"] != "pushed" {
		t.Errorf("released %v, %v, before %v", built, states, released)
	}
	a.registry.ResetRequests()
	a.write("README.md", "another word")
	a.commit("another word")
	want(t, "after", first(a.actions()), "retag")
	if puts := a.registry.Count(http.MethodPut, registry.Manifest); puts != 0 {
		t.Errorf("the plan puts %d manifests", puts)
	}
}
