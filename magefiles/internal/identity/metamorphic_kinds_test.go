package identity_test

import (
	"slices"
	"strings"
)

// mostOfItsOwn is the number of mutations that a world has first and others do not have.
const mostOfItsOwn = 2

// fate is what happens to a world: what it alone can see, some of what all see, each as often as the others, and something that
// git does not tell.
func (w *world) fate() []mutation {
	turn := int(w.seed)
	ownList := func(list []mutation) []mutation {
		return slices.DeleteFunc(slices.Clone(list), func(m mutation) bool { return m.of == nil || !m.of(w) })
	}
	common := slices.DeleteFunc(slices.Clone(mutations), func(m mutation) bool { return m.of != nil })
	chosen := inTurn(ownList(mutations), mostOfItsOwn, turn)
	chosen = append(chosen, inTurn(common, mutationsOfWorld-1-len(chosen), turn)...)
	last := slices.DeleteFunc(slices.Clone(hidings), func(m mutation) bool { return m.of != nil })
	if own := ownList(hidings); len(own) > 0 && turn/6%2 == 0 {
		last = own
	}
	return append(chosen, last[turn%len(last)])
}

// inTurn are at most n of a list, which successive turns take one after the other.
func inTurn[T any](list []T, n, turn int) (some []T) {
	for i := range min(n, len(list)) {
		some = append(some, list[(turn*n+i)%len(list)])
	}
	return some
}

// built counts what an image is made of.
func (a *tally) built(w *world) {
	a.kinds["FROM "+w.base]++
	text := strings.Join(w.lines, "\n")
	for _, line := range slices.Concat(instructions, namedSteps) {
		if strings.Contains(text, line) {
			a.kinds[line]++
		}
	}
}

// never are the kinds that did not occur.
func (a *tally) never() (kinds []string) {
	wanted := slices.Concat(instructions, namedSteps)
	for _, base := range heads {
		wanted = append(wanted, "FROM "+base)
	}
	for _, m := range slices.Concat(mutations, hidings) {
		wanted = append(wanted, m.name)
	}
	for _, kind := range wanted {
		if a.kinds[kind] == 0 && !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}
