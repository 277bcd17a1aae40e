package targets_test

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// policy is what becomes of values whose image is the deployed one.
type policy string

const (
	setAll       policy = ""              // they name the new commit
	keepEach     policy = "keep"          // they keep the tag that they have
	keepTogether policy = "keep together" // the same, where all components keep theirs: they have one value
)

// keepsStage is where every stream keeps what has not changed, whatever its seed chooses elsewhere.
var keepsStage = unit{"backend", "stage"}

// policies are the units' of a stream.
func policies(seed uint64) map[unit]policy {
	random, all := rand.New(rand.NewPCG(seed, 11)), map[unit]policy{} //nolint:gosec // to be repeated
	for _, service := range services {
		for _, environment := range everywhere {
			u := unit{service, environment}
			switch keeps := random.IntN(2) == 0 || u == keepsStage; {
			case environment == lab && !contends(service):
			case keeps && shared(service):
				all[u] = keepTogether
			case keeps:
				all[u] = keepEach
			}
		}
	}
	return all
}

// named is a component's value: the revision whose tag it has.
type named struct {
	component string
	revision  revision
}

// counted is the revision that counts as deployed: the one that was released last with the image that the value names.
func (s standing) counted(component string) revision {
	now := s.deployed[component]
	if r, ok := s.kept[named{component, now}]; ok {
		return r
	}
	return now
}

// unchanged are the components that keep their values.
func (s standing) unchanged(target map[string]revision) []string {
	same := slices.DeleteFunc(s.differing(target), func(component string) bool {
		now := s.deployed[component]
		return now <= 0 || !s.of.isSame(component, now, target[component])
	})
	if s.policy == setAll || s.policy == keepTogether && len(same) < len(s.deployed) {
		return nil
	}
	return same
}

// published is what is known of an application's commits, and of their images in an environment.
type published struct {
	*source

	stream      *stream
	environment string
}

// isSame asks the registry: two runs may have built the same at once, as two images. A process that ended before it put the tag
// has found the only image of the same, unless it has built another.
func (p published) isSame(component string, a, b revision) bool {
	digest := func(r revision) string { return p.stream.tagged(component, p.stream.tag(component, p.environment, r)) }
	now, then := digest(a), digest(b)
	if then == "" && !p.stream.building {
		return now != "" && p.imageOf(component, a) == p.imageOf(component, b) && p.isOnly(component, a, now)
	}
	return now != "" && now == then
}

// isOnly reports whether no other image is known of what a revision's is made of.
func (p published) isOnly(component string, r revision, digest string) bool {
	for other := range p.shas {
		if p.imageOf(component, revision(other)) != p.imageOf(component, r) {
			continue
		}
		for _, environment := range everywhere {
			found := p.stream.tagged(component, p.stream.tag(component, environment, revision(other)))
			if found != "" && found != digest {
				return false
			}
		}
	}
	return true
}

// tagged is digestOf, with the registry asked once for each tag at a quiet point.
func (s *stream) tagged(component, tag string) string {
	name := repository(component) + ":" + tag
	if _, asked := s.asked[name]; !asked {
		s.asked[name] = s.digestOf(component, tag)
	}
	return s.asked[name]
}

// revisionOf is the revision whose tag, or what stood there before, is a component's value.
func (s *stream) revisionOf(component, environment, value string) (revision, bool) {
	for r := range s.sources[serviceOf(component)].shas {
		if s.value(component, environment, revision(r)) == value {
			return revision(r), true
		}
	}
	return 0, false
}

// keptBy are the components that a commit of an operation leaves as they are, though their tags are of other revisions.
func (s *stream) keptBy(m moment, read int) []string {
	target, _ := s.history.target(m.op, read)
	return m.units[m.op.unit].differing(target)
}

// saysKept holds what a commit says of components that it keeps against the model.
func (s *stream) saysKept(c bumped, m moment, read int) bool {
	var want []string
	for _, component := range s.keptBy(m, read) {
		tag := s.tag(component, m.op.environment, m.units[m.op.unit].deployed[component])
		want = append(want, component+" "+tag+" "+s.registry.Addr()+"/"+repository(component)+"@"+s.digestOf(component, tag))
		isOf := func(image string) bool { return strings.HasPrefix(image, component+" ") }
		if slices.ContainsFunc(slices.Concat(c.trailers("Astrago-Image"), c.trailers("Astrago-Value")), isOf) {
			return false
		}
	}
	said := c.trailers("Astrago-Kept")
	slices.Sort(said)
	alone := len(want) > 0 && m.touched == ""
	return slices.Equal(said, want) && strings.HasPrefix(c.message, "keep("+m.op.environment+"): ") == alone
}

// checkKept wants each commit that counts by the tag of another to have the same for the image.
func (s *stream) checkKept() {
	for u, there := range s.history[len(s.history)-1].units {
		for n, r := range there.kept {
			if s.sources[u.service].imageOf(n.component, n.revision) != s.sources[u.service].imageOf(n.component, r) {
				s.t.Errorf("%s keeps %s of commit %d for commit %d, which has another", u, n.component, n.revision, r)
			}
		}
	}
}
