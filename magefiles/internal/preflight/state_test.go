package preflight

import (
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// What the registry has under the tag counts first, then what it has under another, then what this run has built.
func TestKnownDigestIsTheMostCertain(t *testing.T) {
	tagged, found, built := digest.FromString("tagged"), digest.FromString("found"), digest.FromString("built")
	for mask := range 8 {
		image := plan.Image{Component: "core", Repository: refs.Repository("ghcr.io/acme/x"), Tag: "1"}
		s := newState(&plan.Plan{Images: []plan.Image{image}})
		s.Decisions = make([]Decision, 1)
		var want digest.Digest
		if mask&1 != 0 {
			s.Decisions[0].made.Built, want = built, built
		}
		if mask&2 != 0 {
			s.Decisions[0].Found.Descriptor.Digest, want = found, found
		}
		if mask&4 != 0 {
			s.Published[0].Digest, want = tagged, tagged
		}
		if got := s.knownDigest(0); got != want {
			t.Errorf("of %+v it is %s, want %s", s, got, want)
		}
		conflict := mask&1 != 0 && mask&4 != 0
		if p := problem.As(s.requireBuilt()); conflict != (p != nil && p.Status == problem.Refused) {
			t.Errorf("another image under the tag than this run has built: %v, refused: %v", conflict, p)
		}
	}
}

// Each of the plan's images is asked about once: it is missing or published, and one thing is to be done about it.
func TestStatePartitionsImages(t *testing.T) {
	images := []plan.Image{{Component: "a"}, {Component: "b"}, {Component: "c"}, {Component: "d"}}
	s := newState(&plan.Plan{Images: images})
	s.Decisions = make([]Decision, len(images))
	all := []plan.Do{plan.DoDone, plan.DoRetag, plan.DoBuild, plan.DoBuild}
	s.Published[0].Digest = digest.FromString("a")
	for i, do := range all {
		s.Decisions[i].Action = plan.Action{Component: images[i].Component, Do: do}
	}
	sum := 0
	for _, do := range []plan.Do{plan.DoDone, plan.DoRetag, plan.DoBuild, plan.DoUnknown, plan.DoRefuse} {
		for _, image := range s.To(do) {
			if sum++; s.Decision(image.Component).Do != do {
				t.Errorf("%s is to be %s", image.Component, do)
			}
		}
	}
	if missing := s.Missing(); sum != len(images) || len(missing) != len(s.To(plan.DoRetag))+len(s.To(plan.DoBuild)) {
		t.Errorf("%d decisions, %d missing", sum, len(missing))
	}
}
