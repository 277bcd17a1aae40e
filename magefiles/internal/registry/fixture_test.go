package registry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/containerd/log"
	digest "github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

const (
	user     = "octocat"
	password = "ghp_ThisMustNeverBeSeenAnywhere000000000"
)

func TestMain(m *testing.M) {
	log.L.Logger.SetOutput(io.Discard) // the content store warns of what the file system lacks
	os.Exit(m.Run())
}

// start runs a registry in which user may push to acme/*.
func start(t *testing.T, o testkit.Options) *testkit.Server {
	t.Helper()
	server, err := testkit.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	server.AddUser(user, password, testkit.Grant{Repository: "acme/*", Push: true})
	return server
}

// clientFor makes a client that logs in as user and waits for nothing.
func clientFor(t *testing.T, server *testkit.Server) *registry.Client {
	t.Helper()
	return registry.New(registry.Options{Keychain: keychain(t, server, password), Sleep: noSleep})
}

func keychain(t *testing.T, server *testkit.Server, secret string) *auth.Keychain {
	t.Helper()
	return auth.NewKeychain(t.TempDir(), auth.Token{Hosts: []string{server.Addr()}, User: user, Secret: secret, Name: "GHCR_TOKEN"})
}

func noSleep(ctx context.Context, _ time.Duration) error { return context.Cause(ctx) }

// pauses records what a client would have waited.
type pauses struct {
	mu   sync.Mutex
	list []time.Duration
}

func (p *pauses) sleep(ctx context.Context, d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, d)
	return context.Cause(ctx)
}

// library makes images in a content store, as a build does.
type library struct {
	t     testing.TB
	store content.Store
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	store, err := local.NewStore(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &library{t: t, store: store}
}

func (l *library) put(mediaType string, data []byte) ocispec.Descriptor {
	l.t.Helper()
	desc := ocispec.Descriptor{MediaType: mediaType, Digest: digest.FromBytes(data), Size: int64(len(data))}
	if err := content.WriteBlob(l.t.Context(), l.store, desc.Digest.String(), bytes.NewReader(data), desc); err != nil {
		l.t.Fatal(err)
	}
	return desc
}

func (l *library) putJSON(mediaType string, document any) ocispec.Descriptor {
	l.t.Helper()
	data, err := json.Marshal(document)
	if err != nil {
		l.t.Fatal(err)
	}
	return l.put(mediaType, data)
}

// layer makes a layer of a size; the same name and size are the same layer.
func (l *library) layer(name string, size int) ocispec.Descriptor {
	l.t.Helper()
	return l.put(ocispec.MediaTypeImageLayer, []byte(strings.Repeat(name+"\n", size/(len(name)+1)+1))[:size])
}

// image makes an image for linux/amd64 whose configuration names the revision.
func (l *library) image(revision string, layers ...ocispec.Descriptor) ocispec.Descriptor {
	l.t.Helper()
	return l.imageFor(ocispec.Platform{OS: "linux", Architecture: "amd64"}, revision, layers...)
}

func (l *library) imageFor(platform ocispec.Platform, revision string, layers ...ocispec.Descriptor) ocispec.Descriptor {
	l.t.Helper()
	image := ocispec.Image{Platform: platform, RootFS: ocispec.RootFS{Type: "layers"}}
	image.Config.Labels = map[string]string{ocispec.AnnotationRevision: revision}
	for _, layer := range layers {
		image.RootFS.DiffIDs = append(image.RootFS.DiffIDs, layer.Digest) // they are not compressed
	}
	desc := l.putJSON(ocispec.MediaTypeImageManifest, ocispec.Manifest{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageManifest,
		Config: l.putJSON(ocispec.MediaTypeImageConfig, image), Layers: layers,
	})
	desc.Platform = &platform
	return desc
}

func (l *library) index(manifests ...ocispec.Descriptor) ocispec.Descriptor {
	l.t.Helper()
	return l.putJSON(ocispec.MediaTypeImageIndex, ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: manifests,
	})
}

// components makes three images as an application has them: a layer shared by all, and one of its own each.
func (l *library) components(server *testkit.Server, tag, revision string) []push.Image {
	l.t.Helper()
	base := l.layer("base", 3000)
	var images []push.Image
	for _, name := range []string{"core", "batch", "monitor"} {
		images = append(images, push.Image{
			Ref:        refs.Image(server.Addr() + "/acme/backend:" + name + "-" + tag),
			Descriptor: l.image(revision, base, l.layer(name+revision, 2000)),
			Revision:   commitid.ID(revision),
		})
	}
	return images
}
