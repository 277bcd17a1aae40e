package identity_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// scene is an application with one image, and a registry with its bases.
type scene struct {
	t        testing.TB
	root     string
	registry *testkit.Server
	image    plan.Image
	epoch    time.Time
	address  string // serves the file that serve puts there
}

// address serves one file: it is the same for all scenes, as it is counted.
var address struct {
	once sync.Once
	url  string
	text atomic.Pointer[string]
}

func startAddress() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, *address.text.Load()) }))
	address.url = server.URL + "/f"
}

// amd64 is the platform of all scenes that name none, so that keys are the same on every machine.
const amd64 = "linux/amd64"

func newScene(t testing.TB) *scene {
	t.Helper()
	server, err := testkit.Start(testkit.Options{Open: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	s := &scene{t: t, root: t.TempDir(), registry: server, epoch: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)}
	s.image = plan.Image{
		Component: "core", Repository: refs.Repository("ghcr.io/acme/shop"), Tag: "core-a1b2c3d4", Context: ".", Dockerfile: "Dockerfile", Platforms: []string{amd64},
		Labels: map[string]string{plan.RevisionLabel: "a1b2c3d4", "org.opencontainers.image.title": "shop core"},
	}
	address.once.Do(startAddress)
	s.address = address.url
	return s
}

// write writes a file. In a Dockerfile $BASE stands for an image of the scene's registry, and $ADDRESS for its address.
func (s *scene) write(name, text string) {
	s.t.Helper()
	if strings.HasSuffix(name, "Dockerfile") {
		text = strings.NewReplacer("$BASE", s.registry.Addr()+"/acme/base:1", "$ADDRESS", s.address).Replace(text)
	}
	path := filepath.Join(s.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) link(target, name string) {
	s.t.Helper()
	path := filepath.Join(s.root, filepath.FromSlash(name))
	_ = os.Remove(path)
	s.must(os.Symlink(target, path))
}

// base pushes an image with one file and gives its name.
func (s *scene) base(name, content string, change func(*v1.Config)) string {
	s.t.Helper()
	image, err := testkit.Image(map[string][]byte{"base": []byte(content)})
	s.must(err)
	file, err := image.ConfigFile()
	s.must(err)
	file = file.DeepCopy()
	file.Architecture = "amd64"
	if change != nil {
		change(&file.Config)
	}
	image, err = mutate.ConfigFile(image, file)
	s.must(err)
	ref := s.registry.Addr() + "/acme/" + name
	_, err = testkit.Push(s.t.Context(), ref, image, "", "")
	s.must(err)
	return ref
}

// digest returns the digest that an image's tag names.
func (s *scene) digest(name string) string {
	s.t.Helper()
	desc, err := registry.New(registry.Options{}).Resolve(s.t.Context(), refs.Image(s.registry.Addr()+"/acme/"+name))
	s.must(err)
	return desc.Digest.String()
}

// resolver asks registries through the product's client.
type resolver struct{ client *registry.Client }

func (r resolver) ResolveImage(ctx context.Context, name string, platform *ocispec.Platform) (identity.Resolved, error) {
	digest, config, err := r.client.Config(ctx, refs.Image(name), *platform)
	return identity.Resolved{Digest: digest, Config: config}, err
}

func (s *scene) tree() *worktree.Tree {
	s.t.Helper()
	tree, err := worktree.Open(s.t.Context(), worktree.Options{Root: s.root})
	s.must(err)
	return tree
}

func (s *scene) options() identity.Options {
	return identity.Options{Files: s.tree(), Images: resolver{registry.New(registry.Options{})}, Epoch: s.epoch, Platform: amd64, Version: "test"}
}

// compute returns the image's fingerprint in this process.
func (s *scene) compute() identity.Fingerprint {
	s.t.Helper()
	all, err := identity.Compute(s.t.Context(), []plan.Image{s.image}, s.options())
	s.must(err)
	return all[s.image.Component]
}
