package deployment

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Tags reads the tag that each component has at the snapshot. probe holds the expressions that would set a tag which
// nobody has (plan.Probe): what they would replace is what is set, so that nothing is guessed from a path or a history.
// A component without a tag, and one with several, are refused (problem.Refused).
func (s *Snapshot) Tags(probe plan.Deployment) (map[string]string, error) {
	named, err := s.Named(probe)
	if err != nil {
		return nil, err
	}
	return tagsOf(named), nil
}

func tagsOf(named map[string]plan.Named) map[string]string {
	tags := map[string]string{}
	for component, n := range named {
		tags[component] = n.Tag
	}
	return tags
}

// Named is Tags with the digests that the values have beside or behind the tags; a component without one has "".
func (s *Snapshot) Named(probe plan.Deployment) (map[string]plan.Named, error) {
	named := map[string]plan.Named{}
	for _, f := range probe.Files {
		e := fileEdit{snapshot: s, file: f, original: s.Files[f.Path]}
		if err := e.probe(); err != nil {
			return nil, err
		}
		for _, a := range e.assigned {
			if err := a.read(s, named); err != nil {
				return nil, err
			}
		}
	}
	for _, component := range componentsOf(probe) {
		if named[component].Tag == "" {
			return nil, problem.New(problem.Usage, "write {{ .Tag }} into `set` in astrago.yaml",
				"reading the tag of %q: nothing in %s tells it", component, s.names(probe))
		}
	}
	return named, nil
}

// read adds what a probe's assignment finds of its component.
func (a assignment) read(s *Snapshot, all map[string]plan.Named) error {
	component := a.edit.Component
	found, set := plan.Probed(component, a.before, a.own)
	if !set {
		return nil
	}
	known := all[component]
	switch {
	case found.Tag == "" && plan.ProbesTag(component, a.own):
		return problem.New(problem.Refused, "deploy the component once: mage bump; or correct `set` in astrago.yaml",
			"reading the tag of %q: the value of %s is not what `set` makes of a tag", component, a.path).At(a.place(s))
	case known.Tag != "" && found.Tag != "" && known.Tag != found.Tag:
		return problem.New(problem.Refused, "deploy the component once more, which sets all of its values: mage bump",
			"reading the tag of %q: its values name the tags %s and %s", component, known.Tag, found.Tag).At(a.place(s))
	case known.Digest != "" && found.Digest != "" && known.Digest != found.Digest:
		return problem.New(problem.Refused, "deploy the component once more, which sets all of its values: mage bump",
			"reading the digest of %q: its values name %s and %s", component, known.Digest, found.Digest).At(a.place(s))
	}
	all[component] = plan.Named{Tag: cmp.Or(known.Tag, found.Tag), Digest: cmp.Or(known.Digest, found.Digest)}
	return nil
}

// names lists the files of a deployment for messages.
func (s *Snapshot) names(d plan.Deployment) string {
	places := make([]string, len(d.Files))
	for i, f := range d.Files {
		places[i] = f.Path
	}
	return fmt.Sprintf("%s@%s (%s)", s.Repository, s.Branch, strings.Join(places, ", "))
}

// componentsOf are those that a deployment has edits of, in its order.
func componentsOf(d plan.Deployment) []string {
	var all []string
	seen := map[string]bool{}
	for _, f := range d.Files {
		for _, e := range f.Edits {
			if !seen[e.Component] {
				seen[e.Component] = true
				all = append(all, e.Component)
			}
		}
	}
	return all
}
