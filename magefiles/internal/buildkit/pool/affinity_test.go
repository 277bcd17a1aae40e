package pool

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

func pooled(n int) (members []*Member) {
	for i := range n {
		members = append(members, &Member{Connection: &daemon.Connection{Address: fmt.Sprintf("tcp://buildkit-%d:1234", i)}})
	}
	return members
}

func place(components int, members []*Member) map[string]string {
	homes := map[string]string{}
	for i := range components {
		key := fmt.Sprint("component ", i)
		m := chooseMember(key, 1, components, members)
		m.load++
		homes[key] = m.Address
	}
	return homes
}

func TestLoadIsBounded(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10} {
		for _, components := range []int{1, 3, 64, 500} {
			members := pooled(n)
			place(components, members)
			bound := (5*components + 4*n - 1) / (4 * n)
			for _, m := range members {
				if m.load > bound {
					t.Errorf("%d components on %d daemons: one has %d, more than %d", components, n, m.load, bound)
				}
			}
		}
	}
}

// A daemon more or less moves few components.
func TestFewComponentsMove(t *testing.T) {
	few, many := place(200, pooled(5)), place(200, pooled(6))
	moved := 0
	for key, home := range few {
		if many[key] != home {
			moved++
		}
	}
	if moved > 200/6*2 { // a sixth must move; the bound moves some more
		t.Errorf("%d of 200 components moved", moved)
	}
	if chooseMember("core", 1, 1, nil) != nil {
		t.Error("nobody was chosen")
	}
}

func TestNeedsShareAHome(t *testing.T) {
	img := func(name string, needs ...plan.Image) plan.Image {
		return plan.Image{Component: component.Name(name), Dockerfile: name + "/Dockerfile", Needs: needs}
	}
	base, other := img("m-base"), img("z-base")
	images := []plan.Image{img("z-core", base), img("a-batch", other), img("lone"), img("joins", base, other)}
	keys := computeAffinities("acme/shop", images)
	for _, name := range []string{"a-batch", "joins", "m-base", "z-base"} {
		if keys[component.Name(name)] != keys["z-core"] {
			t.Errorf("%s has %q, z-core %q", name, keys[component.Name(name)], keys["z-core"])
		}
	}
	if keys["lone"].group == keys["z-core"].group || keys["lone"].unit == keys["z-core"].unit {
		t.Error("lone is connected with nothing")
	}
	if again := computeAffinities("acme/shop", images[2:3]); again["lone"] != keys["lone"] {
		t.Error("-only changes a home")
	}
	if elsewhere := computeAffinities("acme/other", images); elsewhere["lone"].group == keys["lone"].group {
		t.Error("two repositories share keys")
	}
	slices.Reverse(images)
	if !maps.Equal(computeAffinities("acme/shop", images), keys) {
		t.Error("the order of the images changes a home")
	}
}

// Without -parallel each daemon builds as much as it has CPUs, at least four; with it, that is for all of them together.
func TestRoom(t *testing.T) {
	connections := []*daemon.Connection{{Address: "a", CPUs: 2}, {Address: "b", CPUs: 6}}
	for parallel, want := range map[int][3]int{0: {4, 6, 10}, 1: {1, 1, 1}, 4: {4, 4, 4}} {
		p := New(connections, parallel)
		if got := [3]int{cap(p.members[0].slots), cap(p.members[1].slots), cap(p.slots)}; got != want {
			t.Errorf("parallel %d: room for %v, want %v", parallel, got, want)
		}
	}
	if p := New([]*daemon.Connection{{}}, 0); cap(p.slots) < 4 {
		t.Error("a daemon of unknown size has no room")
	}
}
