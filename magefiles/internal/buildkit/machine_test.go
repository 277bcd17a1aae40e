package buildkit_test

import (
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
)

// onlyCopies builds for any platform on any machine.
const onlyCopies = "FROM scratch\nCOPY toolbox /a\n"

// kind returns the platforms that a daemon builds on a machine with a given processor.
func kind(architectures ...string) (all []ocispec.Platform) {
	for _, a := range architectures {
		all = append(all, ocispec.Platform{OS: "linux", Architecture: a})
	}
	return all
}

// architecture returns the architecture in an image's configuration.
func (r *repository) architecture(t *testing.T, img buildkit.Image) string {
	t.Helper()
	var manifest ocispec.Manifest
	var config ocispec.Image
	decode(t, openLayout(t, r.opts.Layout), img.Descriptor, &manifest)
	decode(t, openLayout(t, r.opts.Layout), manifest.Config, &config)
	return config.Architecture
}

// An image without platforms is the same when its daemon dies and one of another kind takes it over, and when it is built
// on one of another kind from the start.
func TestPlatformIsFixedForTheRun(t *testing.T) {
	r, machines := NewPool(t, 2)
	r.component("core", onlyCopies)
	machines[0].Platforms, machines[1].Platforms = kind("s390x"), kind("riscv64", "s390x")
	machines[0].Kill(t)
	if got := r.architecture(t, r.must()[0]); got != "s390x" {
		t.Errorf("after the death of the s390x daemon the image is for %s", got)
	}
	if !strings.Contains(r.output.String(), "lost the BuildKit daemon at "+machines[0].Address) {
		t.Errorf("no daemon was lost:\n%s", r.output.String())
	}
}

// Whether the machine or the daemons are meant is for a person to say, where they differ.
func TestForeignDaemonsDoNotGuess(t *testing.T) {
	r := newRepository(t)
	core := r.component("core", onlyCopies)
	core.Platforms, core.Assumed = []string{"linux/arm64"}, true
	arm, amd := *sharedDaemon.Connection(t), *sharedDaemon.Connection(t)
	arm.Platforms, amd.Platforms = kind("arm64"), kind("amd64", "arm64")
	r.opts.Connect = buildkitd.Connected(&amd)
	_, err := r.run()
	if p := problem.As(err); p == nil || p.ExitStatus() != problem.Usage || !strings.Contains(p.Remedy, "platforms: [linux/amd64]") || !strings.Contains(p.Error(), "linux/arm64") {
		t.Errorf("got %v", err)
	}
	r.opts.Connect = buildkitd.Connected(&amd, &arm)
	if got := r.architecture(t, r.must()[0]); got != "arm64" {
		t.Errorf("with a daemon of its own kind the image is for %s", got)
	}
	core.Assumed, r.opts.Connect, r.opts.Rebuild = false, buildkitd.Connected(&amd), true
	if got := r.architecture(t, r.must()[0]); got != "arm64" {
		t.Errorf("where the configuration says so the image is for %s", got)
	}
}
