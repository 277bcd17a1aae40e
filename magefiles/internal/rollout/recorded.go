package rollout

import (
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/history"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Recorded is the digest of what was deployed under a tag, and where that stands.
type Recorded struct {
	Digest digest.Digest
	In     string
}

// Recorded returns what is known of the image that the environment has under a tag: the digest that its values have beside it, the one
// that the bump which set it has recorded, and those of releases that kept it, also where it had been set by hand.
func (s *EnvironmentState) Recorded(image plan.Image, origin history.Provenance) []Recorded {
	all := []Recorded{
		{s.Digest(image.Component), s.Ref(0)},
		{origin.Digest, origin.Commit.SHA.Short()},
		s.Kept(image),
	}
	var known []Recorded
	for _, r := range all {
		if r.Digest != "" {
			known = append(known, r)
		}
	}
	return known
}

// Kept returns the record of a release that has kept the tag, without a digest where none has.
func (s *EnvironmentState) Kept(image plan.Image) Recorded {
	for n, snapshot := range s.Snapshots {
		if k, ok := snapshot.KeptAs(image.Component, image.Tag); ok {
			return Recorded{k.Digest, s.Ref(n) + ", kept by commit " + k.Source.Short()}
		}
	}
	return Recorded{}
}
