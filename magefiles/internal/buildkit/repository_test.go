package buildkit_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/core/content"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/baseimage"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// repository is an application repository whose images start from scratch and the toolbox.
type repository struct {
	t      testing.TB
	root   string
	output bytes.Buffer // what the display shows
	opts   buildkit.Options
	plan   plan.Plan
}

// base is the head of Dockerfiles that run steps: nothing is pulled.
const base = "FROM scratch\nCOPY toolbox /bin/sh\nENV PATH=/bin\n"

func newRepository(t testing.TB) *repository {
	t.Helper()
	conn := sharedDaemon.Connection(t)
	r := &repository{t: t, root: t.TempDir()}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := baseimage.Binary(t.Context(), filepath.Join(cache, "astrago-ci", "testkit"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	r.write("toolbox", string(data))
	if err := os.Chmod(filepath.Join(r.root, "toolbox"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.opts = buildkit.Options{
		Connect: buildkitd.Connected(conn),
		Layout:  filepath.Join(r.root, ".astrago", "images"),
		Logs:    filepath.Join(r.root, ".astrago", "logs"),
		Display: progress.Display{W: &r.output},
	}
	r.plan = plan.Plan{Service: "shop", Created: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC), Commit: git.Commit{
		Root: r.root, SHA: "a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4", Repository: "acme/shop",
	}}
	return r
}

func (r *repository) write(name, text string) {
	r.t.Helper()
	path := filepath.Join(r.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// component adds a component with its Dockerfile docker/<name>/Dockerfile.
func (r *repository) component(name, dockerfile string) *plan.Image {
	r.t.Helper()
	file := "docker/" + name + "/Dockerfile"
	r.write(file, dockerfile)
	r.plan.Images = append(r.plan.Images, plan.Image{
		Component: component.Name(name), Repository: refs.Repository("ghcr.io/acme/shop"), Tag: name + "-stage-a1b2c3d4", Context: ".", Dockerfile: file,
		Labels: map[string]string{"org.opencontainers.image.revision": string(r.plan.Commit.SHA)},
	})
	return &r.plan.Images[len(r.plan.Images)-1]
}

// check computes what the components are made of, as a release does before.
func (r *repository) check() {
	r.t.Helper()
	tree, err := worktree.Open(r.t.Context(), worktree.Options{Root: r.root, Hidden: []string{filepath.Join(r.root, ".astrago")}})
	if err != nil {
		r.t.Fatal(err)
	}
	o := identity.Options{Files: tree, Version: buildkit.KeyVersion, Epoch: r.plan.Created, Platform: "linux/" + runtime.GOARCH}
	if r.opts.Fingerprints, err = identity.Compute(r.t.Context(), r.plan.Images, o); err != nil {
		r.t.Fatal(err)
	}
}

// run builds all components.
func (r *repository) run() ([]buildkit.Image, error) {
	r.output.Reset()
	return buildkit.Run(r.t.Context(), r.plan, r.opts)
}

// must builds all components and fails the test if that fails.
func (r *repository) must() []buildkit.Image {
	r.t.Helper()
	images, err := r.run()
	if err != nil {
		r.t.Fatalf("building: %v\n%s", err, r.output.String())
	}
	return images
}

func openLayout(t *testing.T, dir string) *ocilayout.Layout {
	t.Helper()
	l, err := ocilayout.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func blobs(t *testing.T, l *ocilayout.Layout) (n int) {
	t.Helper()
	err := l.Store().Walk(t.Context(), func(content.Info) error { n++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	return n
}
