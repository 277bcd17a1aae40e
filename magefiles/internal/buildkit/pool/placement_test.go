package pool

import (
	"fmt"
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// placed returns the homes of images by component, and the pool.
func placed(images []plan.Image, members []*Member) (map[component.Name]string, *Pool) {
	p := &Pool{members: members, homes: map[string]*Member{}}
	p.Place("acme/shop", images)
	homes := map[component.Name]string{}
	for _, img := range images {
		homes[img.Component] = p.assignedMember(img, p.Parts(img)[0]).Address
	}
	return homes, p
}

// targets are components of one Dockerfile.
func targets(file string, n int) (images []plan.Image) {
	for i := range n {
		images = append(images, plan.Image{Component: component.Name(fmt.Sprint(file, i)), Context: ".", Dockerfile: file, Target: fmt.Sprint("t", i)})
	}
	return images
}

// The targets of a Dockerfile share a home, and so their common stages are built once, as long as the load stays in its bound.
func TestTargetsOfADockerfileShareAHome(t *testing.T) {
	for _, daemons := range []int{2, 3, 5} {
		var images []plan.Image
		for _, file := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			images = append(images, targets(file, 2)...)
		}
		homes, p := placed(images, pooled(daemons))
		split := 0
		for i := 0; i < len(images); i += 2 {
			if homes[images[i].Component] != homes[images[i+1].Component] {
				split++
			}
		}
		if split > 0 {
			t.Errorf("on %d daemons %d of %d pairs are split", daemons, split, len(images)/2)
		}
		for _, m := range p.members {
			if limit := loadBound(len(images), daemons); m.load > limit {
				t.Errorf("on %d daemons one has %d, more than %d", daemons, m.load, limit)
			}
		}
		slices.Reverse(images)
		if again, _ := placed(images, pooled(daemons)); fmt.Sprint(again) != fmt.Sprint(homes) {
			t.Error("the order of the plan changes a home")
		}
	}
}

// More targets than one daemon may have are divided, and what needs one another still stays together.
func TestALargeGroupIsDivided(t *testing.T) {
	images := targets("docker/Dockerfile", 12)
	images[7].Needs = images[:1]
	homes, p := placed(images, pooled(3))
	used := 0
	for _, m := range p.members {
		if m.load > loadBound(12, 3) {
			t.Errorf("one daemon has %d of 12 components", m.load)
		}
		if m.load > 0 {
			used++
		}
	}
	if used < 3 {
		t.Errorf("%d daemons build", used)
	}
	if homes[images[0].Component] != homes[images[7].Component] {
		t.Error("a component and what it needs have two homes")
	}
	// A dead daemon's components go to others, the rest stays.
	dead := p.members[0]
	dead.dead = true
	for _, img := range images {
		now := p.assignedMember(img, nil)
		if now == dead || homes[img.Component] != dead.Address && now.Address != homes[img.Component] {
			t.Errorf("%s has moved from %s to %s", img.Component, homes[img.Component], now.Address)
		}
	}
}
