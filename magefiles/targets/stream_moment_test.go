package targets_test

import (
	"fmt"
	"maps"
	"slices"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// begin is the history's first moment: nothing was ever released.
func (s *stream) begin(sha string) {
	m := moment{sha: sha, restored: -1, units: map[unit]standing{}, replicas: map[string]int{}}
	for _, environment := range everywhere {
		m.replicas[environment] = 2
		for _, service := range services {
			deployed := map[string]revision{}
			for _, component := range components[service] {
				deployed[component] = 0
			}
			u := unit{service, environment}
			m.units[u] = standing{
				deployed: deployed, kept: map[named]revision{}, policy: s.policies[u], of: published{s.sources[service], s, environment},
			}
		}
	}
	s.history = history{m}
}

// after is the moment that a commit of an operation makes.
func (s *stream) after(c bumped, o *operation, next standing, restored int) moment {
	now := s.history[len(s.history)-1]
	m := moment{sha: c.sha, op: o, restored: restored, edge: now.edge, replicas: now.replicas, units: maps.Clone(now.units)}
	m.units[o.unit] = next
	m.contend(o, now.units[o.unit].deployed)
	if slices.Contains(c.files, valuesPath(o.environment)) {
		m.touched = o.environment
	}
	return m
}

func (s *stream) afterColleague(c bumped, by colleague) moment {
	now := s.history[len(s.history)-1]
	edge := now.edge
	if by.reverts {
		now = s.history[len(s.history)-2]
	}
	m := moment{sha: c.sha, restored: -1, edge: edge, units: now.units, replicas: maps.Clone(now.replicas)}
	if !by.reverts {
		m.replicas[by.environment] = by.replicas
	}
	if slices.Contains(c.files, valuesPath(by.environment)) {
		m.touched = by.environment
	}
	return m
}

// is reports whether the repository has at a moment exactly what the model says: every byte of the values, the holds, and what is
// kept.
func (s *stream) is(m moment) bool {
	for _, environment := range everywhere {
		data, err := s.github.File(example.Deployment, m.sha, valuesPath(environment))
		if err != nil || string(data) != s.valuesOf(m, environment) {
			return false
		}
		for _, service := range services {
			u := unit{service, environment}
			if s.holdsAt(m.sha, u) != (standing{kept: m.units[u].kept, holds: m.units[u].holds}).String() {
				return false
			}
		}
	}
	return true
}

// holdsAt are the holds that stand in the repository, and what is kept, written as the model's.
func (s *stream) holdsAt(sha string, u unit) string {
	data, err := s.github.File(example.Deployment, sha, ".astrago/holds/"+u.environment+"/"+u.service+".yaml")
	if err != nil {
		return ""
	}
	var file struct {
		Holds []struct{ Component, Rejected, Tag, Digest, Until, Reason string }
		Kept  []struct{ Component, Tag, Digest, Source string }
	}
	s.must(yaml.Unmarshal(data, &file))
	all, shas := standing{kept: map[named]revision{}}, s.sources[u.service].shas
	for _, h := range file.Holds {
		held := hold{component: h.Component, lift: h.Until == "lift", reason: h.Reason}
		if h.Tag != "" {
			var known bool
			if held.tag, known = s.revisionOf(h.Component, u.environment, h.Tag); !known {
				return fmt.Sprintf("a hold against %s, which is of no commit", h.Tag)
			}
			held.rejected = revision(slices.Index(shas, h.Rejected))
		}
		if h.Digest != "" {
			held.image = s.sources[u.service].imageOf(h.Component, held.tag)
		}
		all.holds = append(all.holds, held)
	}
	for _, k := range file.Kept {
		r, known := s.revisionOf(k.Component, u.environment, k.Tag)
		if !known || s.digestOf(k.Component, k.Tag) != k.Digest {
			return fmt.Sprintf("kept is %s, which is not %s", k.Tag, k.Digest)
		}
		all.kept[named{k.Component, r}] = revision(slices.Index(shas, k.Source))
	}
	return all.String()
}
