package registry_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

func claims(revision, key string) map[string]string {
	all := map[string]string{ocispec.AnnotationRevision: revision, plan.KeyAnnotation: key}
	maps.DeleteFunc(all, func(_, value string) bool { return value == "" })
	return all
}

// claiming makes an image whose annotations and labels say what is given.
func (l *library) claiming(revision, key, labelRevision, labelKey string) ocispec.Descriptor {
	l.t.Helper()
	var image ocispec.Image
	image.Platform = ocispec.Platform{OS: "linux", Architecture: "amd64"}
	image.Config.Labels = claims(labelRevision, labelKey)
	layer := l.layer("base", 10)
	image.RootFS = ocispec.RootFS{Type: "layers"}
	image.RootFS.DiffIDs = append(image.RootFS.DiffIDs, layer.Digest)
	desc := l.putJSON(ocispec.MediaTypeImageManifest, ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest, Annotations: claims(revision, key),
		Config: l.putJSON(ocispec.MediaTypeImageConfig, image), Layers: []ocispec.Descriptor{layer},
	})
	desc.Platform = &image.Platform
	return desc
}

func (l *library) claimingIndex(revision, key string, manifests ...ocispec.Descriptor) ocispec.Descriptor {
	l.t.Helper()
	return l.putJSON(ocispec.MediaTypeImageIndex, ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: manifests, Annotations: claims(revision, key),
	})
}

// TestAttackClaims plants images that say in one place what they do not say in another: of one platform, of several, and of one beside
// what is no platform.
func TestAttackClaims(t *testing.T) {
	l := newLibrary(t)
	honest, stranger := l.claiming("a1", "k1", "a1", "k1"), l.claiming("", "", "b2", "k2")
	posing := stranger // a platform in the dress of an attestation
	posing.Annotations = map[string]string{"vnd.docker.reference.type": "attestation-manifest"}
	attestation := l.claiming("", "", "", "")
	attestation.Platform = &ocispec.Platform{OS: "unknown", Architecture: "unknown"}
	many := make([]ocispec.Descriptor, 65)
	for i := range many {
		many[i] = honest
	}
	for name, test := range map[string]struct {
		desc     ocispec.Descriptor
		conflict bool
	}{
		"all agree":                              {honest, false},
		"nothing is said":                        {l.claiming("", "", "", ""), false},
		"labels of a base image":                 {l.claiming("a1", "", "a1", "k0"), false},
		"labels alone":                           {stranger, false},
		"annotation alone":                       {l.claiming("a1", "", "", ""), true},
		"another revision":                       {l.claiming("a1", "k1", "b2", "k1"), true},
		"another key":                            {l.claiming("a1", "k1", "a1", "k2"), true},
		"a key without a label":                  {l.claiming("a1", "k1", "a1", ""), true},
		"index":                                  {l.claimingIndex("a1", "k1", honest, attestation), false},
		"index of one more":                      {l.claimingIndex("a1", "k1", honest, stranger), true},
		"index of others":                        {l.claimingIndex("a1", "k1", stranger), true},
		"index without annotation":               {l.claimingIndex("", "", honest, stranger), true},
		"index of another revision":              {l.claimingIndex("b2", "k1", honest), true},
		"index with an attestation that is none": {l.claimingIndex("a1", "k1", honest, posing), true},
		"index in an index":                      {l.claimingIndex("a1", "k1", honest, l.claimingIndex("a1", "k1", stranger)), true},
		"index of attestations":                  {l.claimingIndex("a1", "k1", attestation), true},
		"index without images":                   {l.claimingIndex("a1", "k1"), true},
		"index of very many":                     {l.claimingIndex("a1", "k1", many...), true},
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t, testkit.Options{})
			image := push.Image{Ref: refs.Image(server.Addr() + "/acme/backend:1"), Descriptor: test.desc}
			client := clientFor(t, server)
			if _, err := client.Push(t.Context(), l.store, []push.Image{image}, nil); err != nil {
				t.Fatal(err)
			}
			found, err := client.Lookup(t.Context(), image.Ref)
			if err != nil || (found.Origin.Conflict != "") != test.conflict || strings.Contains(found.Origin.Conflict, "\n") {
				t.Errorf("%+v, %v; a conflict: %v", found.Origin, err, test.conflict)
			}
		})
	}
}
