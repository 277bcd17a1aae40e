package targets_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// The kinds of operations.
const (
	release  = "release"
	promote  = "promote"
	rollback = "rollback"
	freeze   = "hold"
	lift     = "lift"
)

var (
	services     = []string{"backend", "frontend"}
	environments = []string{"dev", "stage", "prod"}
	components   = map[string][]string{"backend": {"core", "batch", "monitor"}, "frontend": {"frontend"}}
)

// byREST tells which service commits through GitHub's REST interface in place of GraphQL.
func byREST(service string) bool { return service == "frontend" }

// untilLift tells which unit is configured so that only a person ends the hold of a rollback.
func untilLift(u unit) bool { return u == unit{"frontend", "dev"} }

// operation is one command that somebody wants done.
type operation struct {
	unit

	number   int
	kind     string
	build    revision // to release
	commits  string   // what the commit changes that is made before: a component, or "words"; "" for no commit
	only     []string
	force    bool
	steps    int
	to       revision
	reason   string
	troubles []trouble // of each process that works on it; a further one has none
}

// chosen are the operation's components.
func (o *operation) chosen() []string {
	if len(o.only) > 0 {
		return o.only
	}
	return components[o.service]
}

func (o *operation) target(r revision) map[string]revision {
	target := map[string]revision{}
	for _, component := range o.chosen() {
		target[component] = r
	}
	return target
}

// arguments are those of mage; tag names a build of a component in an environment.
func (o *operation) arguments(tag func(component, environment string, r revision) string) []string {
	args := []string{o.kind, "-env=" + o.environment}
	if o.kind == lift {
		args = []string{"hold", "-env=" + o.environment, "-lift"}
	}
	if len(o.only) > 0 {
		args = append(args, "-only="+strings.Join(o.only, ","))
	}
	if o.force {
		args = append(args, "-force")
	}
	if o.reason != "" {
		args = append(args, "-reason="+o.reason)
	}
	if o.steps != 0 {
		args = append(args, fmt.Sprintf("-steps=%d", o.steps))
	}
	if o.to != 0 {
		args = append(args, "-to="+tag(components[o.service][0], o.environment, o.to))
	}
	return args
}

func (o *operation) String() string {
	text := fmt.Sprintf("#%d %s", o.number, o.service)
	if o.kind == release {
		text += fmt.Sprintf(" commit %d", o.build)
	}
	if o.commits != "" {
		text += " (new: " + o.commits + ")"
	}
	text += ": " + strings.Join(o.arguments(func(c, e string, r revision) string { return fmt.Sprintf("%s-%s-<%d>", c, e, r) }), " ")
	for _, t := range o.troubles {
		text += fmt.Sprintf(" [%s %d]", t.kind, t.nth)
	}
	return text
}

// generator makes the same operations for the same seed.
type generator struct {
	*rand.Rand

	made    int
	commits map[string]revision // by service: how many there are
}

func newGenerator(seed uint64) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 6)), commits: map[string]revision{"backend": 1, "frontend": 1}} //nolint:gosec // to be repeated
}

func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

func (g *generator) next() *operation {
	g.made++
	o := &operation{number: g.made, unit: unit{pick(g, services), pick(g, environments)}}
	switch n := g.IntN(100); {
	case n < 54:
		g.release(o)
	case n < 69:
		o.kind, o.environment, o.force = promote, "prod", g.oneIn(8)
	case n < 83:
		o.kind = rollback
		o.steps = pick(g, []int{0, 0, 0, 1, 2})
		o.reason = pick(g, []string{"", "login fails", "too slow"})
		if g.oneIn(5) {
			o.steps, o.to = 0, 1+revision(g.IntN(int(g.commits[o.service])))
		}
	case n < 89:
		o.kind, o.reason = freeze, pick(g, []string{"closing", "audit"})
	default:
		o.kind = lift
	}
	if o.kind != rollback && o.service == "backend" && g.oneIn(4) {
		o.only = []string{pick(g, components[o.service])}
	}
	o.troubles = g.troubles()
	return o
}

// release takes the newest commit, a new one, or one that is older, as a workflow that was late or runs again.
func (g *generator) release(o *operation) {
	o.kind, o.environment = release, pick(g, []string{"dev", "stage", "stage"})
	switch n := g.IntN(10); {
	case n < 6:
		g.commits[o.service]++
		o.commits = pick(g, append(slices.Clone(components[o.service]), "words"))
		o.build = g.commits[o.service]
	case n < 8:
		o.build = g.commits[o.service]
	default:
		o.build = max(1, g.commits[o.service]-revision(1+g.IntN(3)))
		o.force = g.oneIn(4)
	}
}

// trouble is what happens to one process.
type trouble struct {
	kind string
	nth  int // request or line that it happens at, from 1
}

// The kinds of troubles. Those of GitHub's mutation meet the nth attempt to commit, others the nth request or line.
const (
	lostRequest   = "502 for a request to GitHub"
	lostMutation  = "502 for the commit"
	lateMutation  = "502 after the commit"
	cutMutation   = "cut after the commit"
	revertedAfter = "cut after the commit, which a colleague reverts"
	editBefore    = "a colleague commits before the commit"
	slowGitHub    = "a slow GitHub"
	killBefore    = "killed before the commit"
	killDuring    = "killed while the commit is made"
	killAfter     = "killed after the commit"
	killRequest   = "killed at a request to GitHub"
	terminate     = "SIGTERM at a request to GitHub"
	killRegistry  = "killed at a request to the registry"
	killLine      = "killed at a line of output"
	registry502   = "502 of the registry"
	registryCut   = "reset by the registry"
	registrySlow  = "a slow registry"
)

var (
	kills  = []string{killBefore, killDuring, killAfter, killRequest, killRegistry, killRegistry, killLine, killLine, terminate}
	faults = []string{lostRequest, lostMutation, lateMutation, cutMutation, revertedAfter, revertedAfter, editBefore, editBefore, slowGitHub, registry502, registryCut, registrySlow}
)

// troubles are none for half of the operations, else up to two kills and what may follow them.
func (g *generator) troubles() []trouble {
	if g.oneIn(2) {
		return nil
	}
	var list []trouble
	for range pick(g, []int{0, 0, 1, 1, 2}) {
		list = append(list, g.trouble(pick(g, kills)))
	}
	if len(list) == 0 || g.oneIn(2) {
		list = append(list, g.trouble(pick(g, faults)))
	}
	return list
}

func (g *generator) trouble(kind string) trouble {
	switch kind {
	case lostRequest, slowGitHub, killRequest, terminate:
		return trouble{kind, 1 + g.IntN(5)}
	case killLine:
		return trouble{kind, 1 + g.IntN(12)}
	case registry502, registryCut, registrySlow, killRegistry:
		return trouble{kind, 1 + g.IntN(30)}
	}
	return trouble{kind, 1}
}
