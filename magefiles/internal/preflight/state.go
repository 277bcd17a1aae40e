// Package preflight looks at everything that can refuse a release before anything expensive: what registries and deployment
// repositories have, what becomes of each image, and the guards.
package preflight

import (
	"cmp"
	"slices"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
)

// State is the world before a release, by the plan's order.
type State struct {
	Published []ocispec.Descriptor // no digest where the registry lacks the tag
	Snapshots []*repo.Snapshot     // nil where deployments were not asked for
	Decisions []Decision           // nil until actions are planned

	plan     *plan.Plan
	prepared bool // `prepare` has run, and Decisions tell what it has made
}

// Decision is the planned action on one image, with the facts behind it.
type Decision struct {
	plan.Action
	Inputs inputs.Inputs // of an image that the registry lacks
	Found  inspect.Found // what to tag, for plan.DoRetag

	made Outcome // of what was to be built
	err  error   // why the registry could not be asked
}

// Outcome is the result of a build for one image. Unknown fields are empty.
type Outcome struct {
	Component component.Name
	Key       string        // of what a daemon has built it from
	Found     inspect.Found // what a daemon has found in the registry, and has not built
	Built     digest.Digest // what this run has built
}

// newState returns the state of a plan of which nothing is known yet.
func newState(p *plan.Plan) *State {
	return &State{plan: p, Published: make([]ocispec.Descriptor, len(p.Images))}
}

// Missing returns those of the plan's images that the registry lacks.
func (s *State) Missing() []plan.Image {
	var missing []plan.Image
	for i, image := range s.plan.Images {
		if s.Published[i].Digest == "" {
			missing = append(missing, image)
		}
	}
	return missing
}

// To returns those of the plan's images about which one thing is to be done; none before actions are planned.
func (s *State) To(do plan.Do) []plan.Image {
	var list []plan.Image
	for i, d := range s.Decisions {
		if d.Do == do {
			list = append(list, s.plan.Images[i])
		}
	}
	return list
}

// AddBuilt takes what a build has made of images that were to be built.
func (s *State) AddBuilt(outcomes []Outcome) {
	for _, made := range outcomes {
		s.Decision(made.Component).made = made
	}
}

// Decision returns the one about a component.
func (s *State) Decision(name component.Name) *Decision {
	i := slices.IndexFunc(s.Decisions, func(d Decision) bool { return d.Component == name })
	return &s.Decisions[i]
}

// Actions returns the decisions without what they were made from; none before actions are planned.
func (s *State) Actions() []plan.Action {
	actions := make([]plan.Action, len(s.Decisions))
	for i, d := range s.Decisions {
		actions[i] = d.Action
	}
	return actions
}

// failure returns why the registry could not be asked about an image, the first of several.
func (s *State) failure() error {
	for _, d := range s.Decisions {
		if d.err != nil {
			return d.err
		}
	}
	return nil
}

// images returns the plan's images as far as they are known.
func (s *State) images() []bump.Image {
	images := make([]bump.Image, len(s.plan.Images))
	for i, image := range s.plan.Images {
		images[i] = bump.Image{Component: image.Component, Ref: image.Ref(), Digest: s.knownDigest(i), Key: s.knownKey(i)}
	}
	return images
}

// knownDigest is the digest of the i-th image: as the registry has it under its tag, or will have it once it is tagged.
func (s *State) knownDigest(i int) digest.Digest {
	if published := s.Published[i].Digest; published != "" || len(s.Decisions) == 0 {
		return published
	}
	d := s.Decisions[i]
	return cmp.Or(d.Found.Descriptor.Digest, d.made.Found.Descriptor.Digest, d.made.Built)
}

// knownKey is the key of what the i-th image is built from, as far as this run has found out.
func (s *State) knownKey(i int) string {
	if len(s.Decisions) == 0 {
		return ""
	}
	d := s.Decisions[i]
	return cmp.Or(d.Found.Origin.Key, d.made.Found.Origin.Key, d.made.Key, d.Inputs.Key)
}

// requireBuilt refuses to deploy another image than the one that this run has built, where the tag names one by now.
func (s *State) requireBuilt() error {
	for i, d := range s.Decisions {
		if found, built := s.Published[i].Digest, d.made.Built; built != "" && found != "" && found != built {
			return problem.New(problem.Refused,
				"see which run has put it; to deploy what is there, as far as it is made of the same: run the same command again",
				"refusing to deploy %s: the registry has %s under this tag by now, and this run has built %s", s.plan.Images[i].Ref(),
				found, built)
		}
	}
	return nil
}
