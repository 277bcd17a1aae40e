package pool

import (
	"cmp"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// placementGroup is the part of a group that is built for the same platforms.
type placementGroup struct {
	group     string
	platforms []string
	units     []string
	weight    int // components
}

// Place assigns every component to a member, in the order of their groups: neither the plan's order nor that in which they begin
// changes it. A group has one member where a member has room for all of it, and else as few as its units allow.
func (p *Pool) Place(project string, images []plan.Image) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.affinities, p.components = computeAffinities(project, images), len(images)
	p.weights = map[string]int{}
	for _, img := range images {
		p.weights[p.affinities[img.Component].unit]++
	}
	for _, l := range p.placementGroups(images) {
		members := p.candidatesFor(l.platforms)
		together := firstWithin(rankByHash(l.group, members), l.weight, loadBound(p.components, max(1, len(members))))
		for _, unit := range l.units {
			if together != nil {
				p.assign(unit, l.platforms, together)
				continue
			}
			p.assign(unit, l.platforms, chooseMember(l.group, p.weights[unit], p.components, members))
		}
	}
}

// placementGroups divide images by group and platforms.
func (p *Pool) placementGroups(images []plan.Image) []*placementGroup {
	images = slices.Clone(images)
	slices.SortFunc(images, func(a, b plan.Image) int {
		x, y := p.affinities[a.Component], p.affinities[b.Component]
		return cmp.Or(cmp.Compare(x.group, y.group), cmp.Compare(x.unit, y.unit), cmp.Compare(a.Component, b.Component))
	})
	var lots []*placementGroup
	for _, img := range images {
		own := p.affinities[img.Component]
		for _, platforms := range p.Parts(img) {
			i := slices.IndexFunc(lots,
				func(l *placementGroup) bool { return l.group == own.group && slices.Equal(l.platforms, platforms) })
			if i < 0 {
				i = len(lots)
				lots = append(lots, &placementGroup{group: own.group, platforms: platforms})
			}
			if l := lots[i]; !slices.Contains(l.units, own.unit) {
				l.units, l.weight = append(l.units, own.unit), l.weight+p.weights[own.unit]
			}
		}
	}
	return lots
}

// assignedMember is the member that builds a component's platforms, another one when that has died, nil when none is left that could.
func (p *Pool) assignedMember(img plan.Image, platforms []string) *Member {
	p.mu.Lock()
	defer p.mu.Unlock()
	own := p.affinities[img.Component]
	if m := p.homes[homeKey(own.unit, platforms)]; m != nil && !m.dead {
		return m
	}
	return p.assign(own.unit, platforms, chooseMember(own.group, p.weights[own.unit], p.components, p.candidatesFor(platforms)))
}

// assign has a member build a unit.
func (p *Pool) assign(unit string, platforms []string, m *Member) *Member {
	if m != nil {
		m.load += p.weights[unit]
		p.homes[homeKey(unit, platforms)] = m
	}
	return m
}

func homeKey(unit string, platforms []string) string {
	return unit + "\x00" + strings.Join(platforms, ",")
}
