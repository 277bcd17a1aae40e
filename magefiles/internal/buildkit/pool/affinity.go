package pool

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// affinity holds the keys by which a component is assigned to a daemon.
type affinity struct {
	// unit is shared by components that are connected through needs: each builds what it needs.
	unit string
	// group is shared by components of the same context and Dockerfile, and by those that they are connected with: their
	// common steps are run once where the same member builds them.
	group string
}

// computeAffinities returns those of each component, whatever the order of the images.
func computeAffinities(project string, images []plan.Image) map[component.Name]affinity {
	source := func(img plan.Image) string {
		return strings.Join([]string{project, img.Context, img.Dockerfile}, "\x00")
	}
	units, groups := disjointSets{}, disjointSets{}
	for _, img := range images {
		for _, c := range img.WithNeeds() {
			units.unite(string(img.Component), string(c.Component))
			groups.unite(source(img), source(c))
		}
	}
	all := map[component.Name]affinity{}
	for _, img := range images {
		for _, c := range img.WithNeeds() {
			all[c.Component] = affinity{unit: units.findRoot(string(c.Component)), group: groups.findRoot(source(c))}
		}
	}
	return all
}

// disjointSets are disjoint sets of names, as a forest that leads from each name to the first of its set.
type disjointSets map[string]string

func (s disjointSets) findRoot(name string) string {
	for s[name] != "" {
		name = s[name]
	}
	return name
}

func (s disjointSets) unite(a, b string) {
	a, b = s.findRoot(a), s.findRoot(b)
	if a != b {
		s[max(a, b)] = min(a, b)
	}
}

// rankByHash is rendezvous hashing (Thaler and Ravishankar 1998): members by a hash of key and member.
func rankByHash(key string, members []*Member) []*Member {
	ranked := slices.Clone(members)
	slices.SortStableFunc(ranked, func(a, b *Member) int { return cmp.Compare(hashScore(key, b.Address), hashScore(key, a.Address)) })
	return ranked
}

// loadBound returns the maximum number of components of one member: a quarter above its fair share (Mirrokni, Thorup and Zadimoghaddam
// 2016).
func loadBound(components, members int) int { return (5*components + 4*members - 1) / (4 * members) }

// firstWithin is the first member whose load stays within a limit, nil where there is none.
func firstWithin(ranked []*Member, weight, limit int) *Member {
	i := slices.IndexFunc(ranked, func(m *Member) bool { return m.load+weight <= limit })
	if i < 0 {
		return nil
	}
	return ranked[i]
}

// chooseMember returns the first member in the key's rank that has not more than its bound then, else the one with the least load.
// What is heavier than that is one member's. Without a member, nil.
func chooseMember(key string, weight, components int, members []*Member) *Member {
	if len(members) == 0 {
		return nil
	}
	ranked := rankByHash(key, members)
	if m := firstWithin(ranked, weight, max(loadBound(components, len(members)), weight)); m != nil {
		return m
	}
	return slices.MinFunc(ranked, func(a, b *Member) int { return cmp.Compare(a.load, b.load) })
}

func hashScore(key, address string) uint64 {
	sum := sha256.Sum256([]byte(key + "\x00" + address))
	return binary.BigEndian.Uint64(sum[:])
}
