package deployment

import (
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Tags reads the tag that each component has at the snapshot. probe holds the expressions that would set a tag which
// nobody has (plan.Probe): what they would replace is what is set, so that nothing is guessed from a path or a history.
// A component without a tag, and one with several, are refused (problem.Refused).
func (s *Snapshot) Tags(probe plan.Deployment) (map[string]string, error) {
	draft, err := s.Edit(probe)
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	for _, change := range draft.Changes {
		tag, set := plan.Probed(change.Old, change.New)
		if !set {
			continue
		}
		at := problem.Place{File: s.place(change.File), Line: change.Line}
		if tag == "" {
			return nil, problem.New(problem.Refused, "deploy the component once: mage bump; or correct `set` in astrago.yaml",
				"reading the tag of %q: the value of %s is not what `set` makes of a tag", change.Component, change.Path).At(at)
		}
		if other, ok := tags[change.Component]; ok && other != tag {
			return nil, problem.New(problem.Refused, "deploy the component once more, which sets all of its values: mage bump",
				"reading the tag of %q: its values name the tags %s and %s", change.Component, other, tag).At(at)
		}
		tags[change.Component] = tag
	}
	for _, component := range componentsOf(probe) {
		if tags[component] == "" {
			return nil, problem.New(problem.Usage, "write {{ .Tag }} into `set` in astrago.yaml",
				"reading the tag of %q: nothing in %s tells it", component, s.names(probe))
		}
	}
	return tags, nil
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
