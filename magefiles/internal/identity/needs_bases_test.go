package identity_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// TestBasesOfNeeds has every image name the bases of what it needs, by which a daemon is pinned, also where several need the same.
func TestBasesOfNeeds(t *testing.T) {
	s := newScene(t)
	base := s.base("base:1", "base", nil)
	s.write("need.Dockerfile", "FROM $BASE\n")
	s.write("Dockerfile", "FROM scratch\nCOPY --from=mid / /\n")
	s.write("mid.Dockerfile", "FROM scratch\nCOPY --from=lib / /\n")
	lib, mid := s.image, s.image
	lib.Component, lib.Dockerfile = "lib", "need.Dockerfile"
	mid.Component, mid.Dockerfile, mid.Needs = "mid", "mid.Dockerfile", []plan.Image{lib}
	var images []plan.Image
	for _, name := range []component.Name{"one", "two", "three"} {
		image := s.image
		image.Component, image.Needs = name, []plan.Image{mid}
		images = append(images, image)
	}
	all, err := identity.Compute(t.Context(), append(images, mid, lib), s.options())
	s.must(err)
	for component, f := range all {
		if got := f.Bases[base].String(); f.Key == "" || got != s.digest("base:1") {
			t.Errorf("%s has the key %q (%s), and takes %s for %q of %v", component, f.Key, f.Unknown, base, got, f.Bases)
		}
	}
}
