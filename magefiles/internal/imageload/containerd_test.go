package imageload_test

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageload"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func containerdOptions(t *testing.T, namespace string) imageload.Options {
	t.Helper()
	return imageload.Options{
		Loader:     config.LoaderContainerd,
		Containerd: imageload.ContainerdOptions{Address: machine.Get(t).Socket, Namespace: namespace},
	}
}

// ctr runs ctr in a namespace and gives its output.
func ctr(t *testing.T, namespace string, args ...string) string {
	t.Helper()
	out, err := machine.Get(t).Command(t.Context(), append([]string{"--namespace=" + namespace}, args...)...).CombinedOutput()
	if err != nil {
		t.Errorf("ctr %s: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

func TestContainerdRunsWhatBuildKitBuilt(t *testing.T) {
	target := find(t, containerdOptions(t, ""))
	if !strings.Contains(target.String(), "namespace default") {
		t.Errorf("it is %s", target)
	}
	dir, ref, desc := built(t)
	layout, err := ocilayout.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	list := []imageload.Image{{Ref: ref, Descriptor: desc}}
	result, err := target.Load(t.Context(), layout.Store(), list)
	if err != nil || result.States[ref] != imageload.Loaded || result.Sent == 0 {
		t.Fatalf("%+v, %v", result, err)
	}
	if out := ctr(t, "default", "run", "--rm", ref, "built"); out != "made by a step" {
		t.Errorf("it says %q", out)
	}
	again, err := target.Load(t.Context(), layout.Store(), list)
	if err != nil || again.Sent != 0 || again.States[ref] != imageload.Present {
		t.Errorf("the second time: %+v, %v", again, err)
	}
}

// TestContainerdGetsOnlyNewBlobs moves a name to an image that shares its layer with the one before.
func TestContainerdGetsOnlyNewBlobs(t *testing.T) {
	const namespace, ref = "blobs", "ghcr.io/acme/app:1"
	target := find(t, containerdOptions(t, namespace))
	first := must(t, target, newImages(t).add(ref, saying(t, "first", runtime.GOARCH)))
	second := must(t, target, newImages(t).add(ref, saying(t, "second", runtime.GOARCH)))
	if first.Sent < 1<<19 || second.Sent == 0 || second.Sent > 1<<14 {
		t.Errorf("the first image took %d bytes, the second %d", first.Sent, second.Sent)
	}
	if out := ctr(t, namespace, "run", "--rm", ref, "second"); out != "second" {
		t.Errorf("the name runs the image of %q", out)
	}
}

// TestContainerdKeepsAnIndexDigest also has containerd collect what no image refers to.
func TestContainerdKeepsAnIndexDigest(t *testing.T) {
	const namespace, ref = "index", "ghcr.io/acme/index:1"
	target := find(t, containerdOptions(t, namespace))
	i := newImages(t).add(ref, index(t, other(), runtime.GOARCH)).add("ghcr.io/acme/index:foreign", index(t, other()))
	result := must(t, target, i)
	if result.States["ghcr.io/acme/index:foreign"] != imageload.Foreign {
		t.Errorf("an index without this platform is %s", result.States["ghcr.io/acme/index:foreign"])
	}
	must(t, target, newImages(t).add("ghcr.io/acme/gone:1", saying(t, "gone", runtime.GOARCH)))
	ctr(t, namespace, "images", "rm", "--sync", "ghcr.io/acme/gone:1")
	if list := ctr(t, namespace, "images", "ls"); !strings.Contains(list, i.list[0].Descriptor.Digest.String()) {
		t.Errorf("%s is not listed with the index's digest:\n%s", ref, list)
	}
	if out := ctr(t, namespace, "run", "--rm", ref, "index"); out != runtime.GOARCH {
		t.Errorf("on %s runs the image of %q", runtime.GOARCH, out)
	}
	if left := ctr(t, namespace, "leases", "ls", "--quiet"); left != "" {
		t.Errorf("leases are left: %s", left)
	}
}

func TestLoadIntoContainerdIsCancelled(t *testing.T) {
	const namespace, ref = "cancelled", "ghcr.io/acme/app:1"
	target := find(t, containerdOptions(t, namespace))
	i := newImages(t).add(ref, saying(t, "cancelled", runtime.GOARCH))
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("interrupted")
	if _, err := target.Load(ctx, stopping{i.store(), func() { cancel(cause) }}, i.list); !errors.Is(err, cause) {
		t.Errorf("error %v", err)
	}
	if list := ctr(t, namespace, "images", "ls", "--quiet"); list != "" {
		t.Errorf("a cancelled load has named %s", list)
	}
	if left := ctr(t, namespace, "leases", "ls", "--quiet"); left != "" {
		t.Errorf("leases are left: %s", left)
	}
	must(t, target, i)
	if out := ctr(t, namespace, "run", "--rm", ref, "cancelled"); out != "cancelled" {
		t.Errorf("after a cancelled load it says %q", out)
	}
}

func TestContainerdThatIsNotThere(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "none.sock")
	_, _, err := imageload.Find(t.Context(), imageload.Options{Loader: config.LoaderContainerd, Containerd: imageload.ContainerdOptions{Address: socket}})
	p := problem.As(err)
	if p == nil || !strings.Contains(p.Error(), socket) || !strings.Contains(p.Remedy, "CONTAINERD_ADDRESS") {
		t.Errorf("error %v", err)
	}
}
