package identity_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// TestUnknown holds that what is not understood has no key, and says why.
func TestUnknown(t *testing.T) {
	for name, test := range map[string]struct {
		make   func(*scene)
		want   string
		daemon bool
	}{
		"syntax":          {dockerfile("# syntax=docker/dockerfile:1\nFROM scratch\n"), "the frontend docker/dockerfile:1, which only a daemon runs", true},
		"syntax argument": {all(dockerfile("FROM scratch\n"), arg("BUILDKIT_SYNTAX", "acme/frontend")), "the frontend acme/frontend", true},
		"another comment": {dockerfile("// syntax=acme/frontend\nFROM scratch\n"), "the frontend acme/frontend", true},
		"syntax of a need": {
			all(dockerfile("FROM base\n"), needing("base", "# syntax=docker/dockerfile:1\nFROM scratch\n")),
			"the frontend docker/dockerfile:1", true,
		},
		"address":          {dockerfile("FROM scratch\nARG URL=http://127.0.0.1:9/f\nADD ${URL} /f\n"), "takes files from http://127.0.0.1:9/f, which may have changed", true},
		"empty checksum":   {dockerfile("FROM scratch\nARG SUM=\nADD --checksum=$SUM http://127.0.0.1:9/f /f\n"), "takes files from http://127.0.0.1:9/f", true},
		"git":              {dockerfile("FROM scratch\nADD deploy@127.0.0.1:acme/x.git /x\n"), "takes files from git://", true},
		"branch":           {dockerfile("FROM scratch\nADD https://127.0.0.1:9/acme/x.git#main /x\n"), "takes files from git://", true},
		"base that is not": {dockerfile("FROM $BASE\n"), "looking up its base image", false},
		"Dockerfile":       {func(*scene) {}, "Dockerfile", false},
		"broken":           {dockerfile("FROM scratch\nNONSENSE\n"), "NONSENSE", false},
		"no platform":      {all(dockerfile("FROM scratch\n"), reduceImage(func(i *plan.Image) { i.Platforms = nil })), "no platform is named", true},
		"need of no files": {all(dockerfile("FROM base\n"), needing("base", "FROM scratch\n")), "it has no files", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			test.make(s)
			if f := s.compute(); f.Key != "" || !strings.Contains(f.Unknown, test.want) || f.Daemon != test.daemon {
				t.Errorf("key %q, unknown %q (a daemon can tell: %v), want %q (%v)", f.Key, f.Unknown, f.Daemon, test.want, test.daemon)
			}
		})
	}
}

// TestPinnedRemotes holds that an address has a key where it cannot change.
func TestPinnedRemotes(t *testing.T) {
	s := newScene(t)
	s.write("Dockerfile", "FROM scratch\nADD https://127.0.0.1:9/acme/x.git#"+zeros[:40]+" /x\n")
	if f := s.compute(); f.Key == "" {
		t.Errorf("no key: %s", f.Unknown)
	}
}

// answers is a Resolver of a test.
type answers func(ctx context.Context, name string) (identity.Resolved, error)

func (a answers) ResolveImage(ctx context.Context, name string, _ *ocispec.Platform) (identity.Resolved, error) {
	return a(ctx, name)
}

// TestRegistryThatHangs holds that it costs the deadline and no more, and only the images that start from it.
func TestRegistryThatHangs(t *testing.T) {
	s := newScene(t)
	s.write("Dockerfile", "FROM $BASE\n")
	s.write("other.Dockerfile", "FROM scratch\nLABEL a=b\n")
	o := s.options()
	o.Deadline = time.Millisecond
	o.Images = answers(func(ctx context.Context, _ string) (identity.Resolved, error) {
		<-ctx.Done()
		return identity.Resolved{}, ctx.Err()
	})
	other := s.image
	other.Component, other.Dockerfile = "other", "other.Dockerfile"
	all, err := identity.Compute(t.Context(), []plan.Image{s.image, other}, o)
	if err != nil {
		t.Fatal(err)
	}
	if f := all["core"]; f.Key != "" || !strings.Contains(f.Unknown, "did not answer in time") {
		t.Errorf("%+v, want that its registry did not answer", f)
	}
	if all["other"].Key == "" {
		t.Errorf("the image from scratch has no key: %s", all["other"].Unknown)
	}
}

// TestCancelled holds that an ended context is an error and no reason to build.
func TestCancelled(t *testing.T) {
	s := newScene(t)
	s.write("Dockerfile", "FROM $BASE\n")
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := errors.New("ended")
	o := s.options()
	o.Images = answers(func(context.Context, string) (identity.Resolved, error) {
		cancel(ended)
		return identity.Resolved{}, ended
	})
	if _, err := identity.Compute(ctx, []plan.Image{s.image}, o); !errors.Is(err, ended) {
		t.Errorf("error %v, want that of the context", err)
	}
}

// TestLookups holds that a name is asked for once in a run, and that a tag which moves meanwhile gives no image of two.
func TestLookups(t *testing.T) {
	s := newScene(t)
	s.base("base:1", "one", nil)
	s.write("Dockerfile", "FROM $BASE\nARG TARGETARCH\nRUN true\nFROM $BASE\nCOPY --from=0 /base /b\n")
	o := s.options()
	var asked, moved atomic.Int32
	inner := o.Images
	o.Images = answers(func(ctx context.Context, name string) (identity.Resolved, error) {
		if asked.Add(1); !strings.Contains(name, "@") {
			moved.Add(1)
		}
		return inner.ResolveImage(ctx, name, &ocispec.Platform{OS: "linux", Architecture: "amd64"})
	})
	images := make([]plan.Image, 5)
	for i := range images {
		images[i] = s.image
		images[i].Component += component.Name(strings.Repeat("x", i))
		images[i].Platforms = []string{amd64, "linux/arm64"}
	}
	all, err := identity.Compute(t.Context(), images, o)
	if err != nil || all["core"].Key == "" {
		t.Fatalf("%v, %s", err, all["core"].Unknown)
	}
	if asked.Load() != 2 || moved.Load() != 1 {
		t.Errorf("asked %d times, %d of them by tag; want once for each platform, and once by tag", asked.Load(), moved.Load())
	}
	if len(all["core"].Bases) != 1 {
		t.Errorf("bases %v, want one", all["core"].Bases)
	}
}
