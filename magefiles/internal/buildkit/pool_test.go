package buildkit_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
)

// NewPool returns a repository whose builds have daemons of their own.
func NewPool(t *testing.T, n int) (*repository, []*buildkitd.Machine) {
	t.Helper()
	r := newRepository(t)
	machines := make([]*buildkitd.Machine, n)
	connections := make([]*daemon.Connection, n)
	for i := range machines {
		machines[i] = buildkitd.Start(t)
		connections[i] = machines[i].Connection
	}
	r.opts.Connect = buildkitd.Connected(connections...)
	return r, machines
}

func TestPoolKeepsComponentsWhereTheirCacheIs(t *testing.T) {
	r, machines := NewPool(t, 2)
	for i := range 8 {
		r.component(fmt.Sprint("c", i), base+fmt.Sprintf("RUN write /n %d\n", i))
	}
	for _, name := range []string{"left", "right"} { // c0 is built with them
		r.component(name, "FROM c0\nRUN write /own "+name+"\n").Needs = []plan.Image{r.needed("c0")}
	}
	images := r.must()
	digests := map[component.Name]string{}
	for _, img := range images {
		digests[img.Component] = img.Descriptor.Digest.String()
	}
	r.opts.Rebuild = true
	slices.Reverse(r.plan.Images) // the order changes no home
	for _, img := range r.must() {
		if img.CachedSteps != img.Steps || img.Descriptor.Digest.String() != digests[img.Component] {
			t.Errorf("%s was not built where it had been: %d of %d steps are cached", img.Component, img.CachedSteps, img.Steps)
		}
	}
	for _, m := range machines { // each has a part of the work
		r.opts.Connect = buildkitd.Connected(m.Connection)
		cached := 0
		for _, img := range r.must() {
			if img.CachedSteps == img.Steps {
				cached++
			}
		}
		if cached == 0 || cached == len(images) {
			t.Errorf("one daemon had built %d of %d components", cached, len(images))
		}
	}
}

// One of three daemons is killed in the middle of what it builds, then one of the two that are left, and each build ends well.
func TestComponentsOfADeadDaemonMove(t *testing.T) {
	r, machines := NewPool(t, 3)
	r.opts.Parallel = 6
	for len(machines) > 1 {
		id := rand.Text()
		r.plan.Images = nil
		for i := range 6 {
			r.component(fmt.Sprint("c", i), base+fmt.Sprintf("RUN write /n %d && sleep 2.0%d && echo built %d-%s\n", i, i, i, id))
		}
		killed := make(chan int, 1)
		go func() {
			i := -1
			buildkitd.WaitFor(t, "a step to run", func() bool { i = stateRunning(machines); return i >= 0 })
			machines[max(i, 0)].Kill(t)
			killed <- i
		}()
		images := r.must()
		dead := <-killed
		if n := strings.Count(r.output.String(), "lost the BuildKit daemon at "+machines[dead].Address); n != 1 {
			t.Errorf("the loss of one of %d is told %d times:\n%s", len(machines), n, r.output.String())
		}
		for i, img := range images {
			if img.Steps != 2 || !strings.Contains(r.output.String(), fmt.Sprintf(" built %d-%s\n", i, id)) {
				t.Errorf("%+v:\n%s", img, r.output.String())
			}
		}
		r.must() // the dead one is only found out again
		machines = slices.Delete(machines, dead, dead+1)
		var left []*daemon.Connection
		for _, m := range machines {
			left = append(left, m.Connection)
		}
		r.opts.Connect = buildkitd.Connected(left...)
	}
}

// stateRunning is a machine on which a step runs, -1 if none does.
func stateRunning(machines []*buildkitd.Machine) int {
	return slices.IndexFunc(machines, func(m *buildkitd.Machine) bool { return m.Builds() })
}

func TestDeadPoolIsNamed(t *testing.T) {
	r, machines := NewPool(t, 2)
	r.component("core", base+"RUN echo core\n")
	for _, m := range machines {
		m.Kill(t)
	}
	_, err := r.run()
	if p := problem.As(err); p == nil || !strings.Contains(p.Error(), "losing the BuildKit daemon at unix://") {
		t.Errorf("got %v", err)
	}
}

// Two daemons of different kinds make one index, with the bytes that a single one makes.
func TestPlatformsOfSeveralDaemonsAreMerged(t *testing.T) {
	r, machines := NewPool(t, 2)
	r.write("src/main.txt", rand.Text())
	r.component("core", "FROM scratch\nCOPY toolbox /a\nCOPY src/ /src/\n").Platforms = []string{"linux/arm64", "linux/amd64", "linux/arm/v7"}
	r.plan.Images[0].Reproducible = true
	both := r.opts.Connect
	r.check()
	r.opts.Connect = buildkitd.Connected(sharedDaemon.Connection(t))
	want := r.must()[0].Descriptor
	var plain, attested ocispec.Index
	decode(t, openLayout(t, r.opts.Layout), want, &plain)

	amd64, arm64 := ocispec.Platform{OS: "linux", Architecture: "amd64"}, ocispec.Platform{OS: "linux", Architecture: "arm64"}
	arm := ocispec.Platform{OS: "linux", Architecture: "arm", Variant: "v7"}
	machines[0].Platforms, machines[1].Platforms = []ocispec.Platform{amd64}, []ocispec.Platform{arm64, arm}
	r.opts.Connect, r.opts.Layout, r.opts.Rebuild = both, t.TempDir(), true
	got := r.must()[0].Descriptor
	if got.Digest != want.Digest || got.Size != want.Size || got.MediaType != want.MediaType {
		t.Errorf("the index is %+v, want %+v", got, want)
	}
	for i, platforms := range [][]string{{"linux/amd64"}, {"linux/arm64", "linux/arm/v7"}} { // each has built its own
		r.opts.Connect, r.plan.Images[0].Platforms = buildkitd.Connected(machines[i].Connection), platforms
		if img := r.must()[0]; img.CachedSteps != img.Steps {
			t.Errorf("daemon %d has not built %v", i, platforms)
		}
	}
	r.plan.Images[0].Provenance, r.plan.Images[0].Platforms = "min", []string{"linux/arm64", "linux/amd64", "linux/arm/v7"}
	r.check()
	r.opts.Connect = buildkitd.Connected(sharedDaemon.Connection(t))
	decode(t, openLayout(t, r.opts.Layout), r.must()[0].Descriptor, &plain)
	r.opts.Connect = both
	root := r.must()[0].Descriptor
	decode(t, openLayout(t, r.opts.Layout), root, &attested)
	if len(attested.Manifests) != 6 || !slices.EqualFunc(attested.Manifests[:3], plain.Manifests[:3], func(a, b ocispec.Descriptor) bool { return a.Digest == b.Digest }) {
		t.Errorf("with provenance: %+v", attested)
	}
}

// With one place, components wait, and what waits has not begun.
func TestParallelIsLimited(t *testing.T) {
	r := newRepository(t)
	id := rand.Text()
	counted := base + "RUN --mount=type=cache,id=" + id + ",sharing=shared,target=/c append /c/log begin && sleep 0.3 && append /c/log end && write /n %d\n"
	for i := range 3 {
		r.component(fmt.Sprint("c", i), fmt.Sprintf(counted, i))
	}
	r.opts.Parallel = 1
	r.must()
	r.plan.Images = []plan.Image{}
	r.component("log", base+"RUN --mount=type=cache,id="+id+",target=/c cat /c/log\n")
	r.must()
	var order []string
	for line := range strings.Lines(r.output.String()) {
		if fields := strings.Fields(line); len(fields) > 0 && (fields[len(fields)-1] == "begin" || fields[len(fields)-1] == "end") {
			order = append(order, fields[len(fields)-1])
		}
	}
	if got := strings.Join(order, " "); got != "begin end begin end begin end" {
		t.Errorf("steps ran as %q", got)
	}
}
