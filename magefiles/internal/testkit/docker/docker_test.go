package docker_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/crane"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/baseimage"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/docker"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/shared"
)

var engine = shared.New(docker.Start)

func TestMain(m *testing.M) { os.Exit(engine.Run(m.Run)) }

// TestBuildPushRun takes the way of a release script without this repository: docker build, docker push.
func TestBuildPushRun(t *testing.T) {
	e := engine.Get(t)
	server := serve(t, registry.Options{Open: true})
	dir := application(t, pushBase(t, server))
	for builder, tag := range map[string]string{"0": "classic", "1": "buildkit"} {
		t.Run(tag, func(t *testing.T) {
			ref := server.Addr() + "/acme/app:" + tag
			if err := e.Build(t.Context(), docker.Build{Context: dir, Ref: ref, Builder: builder}); err != nil {
				t.Fatal(err)
			}
			if err := e.Push(t.Context(), ref); err != nil {
				t.Fatal(err)
			}
			if _, err := crane.Digest(ref, crane.Insecure); err != nil {
				t.Errorf("what was pushed is not there: %v", err)
			}
			out, err := e.Command(t.Context(), "run", "--rm", "--network=none", ref).CombinedOutput()
			if err != nil || string(out) != "hello\n" {
				t.Errorf("docker run says %q, %v", out, err)
			}
		})
	}
}

func TestPushWithPassword(t *testing.T) {
	e := engine.Get(t)
	base := pushBase(t, serve(t, registry.Options{Open: true}))
	server := serve(t, registry.Options{})
	server.AddUser("dev", "secret", registry.Grant{Repository: "acme/*", Push: true})
	ref := server.Addr() + "/acme/app:1"
	if err := e.Build(t.Context(), docker.Build{Context: application(t, base), Ref: ref}); err != nil {
		t.Fatal(err)
	}
	if err := e.Login(t.Context(), server.Addr(), "dev", "secret"); err != nil {
		t.Fatal(err)
	}
	if err := e.Push(t.Context(), ref); err != nil {
		t.Error(err)
	}
	if err := e.Login(t.Context(), server.Addr(), "dev", "wrong"); err == nil {
		t.Error("the registry takes any password")
	}
}

func TestStopLeavesNothing(t *testing.T) {
	engine.Get(t) // skips where none can start
	e, err := docker.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(e.Socket)
	if err := e.Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", dir, err)
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil || strings.Contains(string(mounts), dir) {
		t.Errorf("mounts are left: %s, %v", mounts, err)
	}
}

func TestStartIsCancelled(t *testing.T) {
	engine.Get(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := docker.Start(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func serve(t *testing.T, o registry.Options) *registry.Server {
	t.Helper()
	server, err := registry.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server
}

// pushBase returns the reference of an image that a Dockerfile can start from.
func pushBase(t *testing.T, server *registry.Server) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := baseimage.Binary(t.Context(), filepath.Join(cache, "astrago-ci", "bin"))
	if err != nil {
		t.Fatal(err)
	}
	image, err := baseimage.Image(binary)
	if err != nil {
		t.Fatal(err)
	}
	ref := server.Addr() + "/acme/base:1"
	if err := crane.Push(image, ref, crane.Insecure); err != nil {
		t.Fatal(err)
	}
	return ref
}

// application is a directory with a Dockerfile that has a step.
func application(t *testing.T, base string) string {
	t.Helper()
	dir := t.TempDir()
	dockerfile := "FROM " + base + "\nRUN write /greeting hello\nCMD [\"cat\", \"/greeting\"]\n"
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(dockerfile), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}
