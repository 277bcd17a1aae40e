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
	services     = []string{"backend", "frontend", "worker"}
	environments = []string{"dev", "stage", "prod"}
	components   = map[string][]string{"backend": {"core", "batch", "monitor"}, "frontend": {"frontend"}, "worker": {"api", "jobs"}}
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
	commits  string   // what the commit changes that is made before: a component, words or amended; "" for no commit
	clone    string   // that it is released from, where that has not fetched
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

// parts reports whether an operation takes one of several components that have one value.
func (o *operation) parts() bool {
	return shared(o.service) && len(o.only) > 0 && o.kind != freeze && o.kind != lift
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
	if o.clone != "" {
		text += " [" + o.clone + "]"
	}
	for _, t := range o.troubles {
		text += fmt.Sprintf(" [%s %d]", t.kind, t.nth)
	}
	return text
}

// generator makes the same operations for the same seed.
type generator struct {
	*rand.Rand

	made     int
	commits  map[string]revision // by service: how many there are
	rejected *unit               // where the operation before has rejected a build
}

func newGenerator(seed uint64) *generator {
	commits := map[string]revision{"backend": 1, "frontend": 1, "worker": 1}
	return &generator{Rand: rand.New(rand.NewPCG(seed, 6)), commits: commits} //nolint:gosec // to be repeated
}

func (g *generator) oneIn(n int) bool { return g.IntN(n) == 0 }

func pick[T any](g *generator, list []T) T { return list[g.IntN(len(list))] }

func (g *generator) next() *operation {
	g.made++
	o := &operation{number: g.made, unit: unit{pick(g, services), pick(g, everywhere)}}
	if o.environment == lab && !contends(o.service) {
		o.environment = "stage"
	}
	rejected := g.rejected
	g.rejected = nil
	switch n := g.IntN(100); {
	case rejected != nil && rejected.environment != "prod" && n < 50:
		g.again(o, *rejected)
	case n < 54:
		g.release(o)
	case n < 69:
		o.kind, o.environment, o.force = promote, "prod", g.oneIn(8)
	case n < 82:
		o.kind = rollback
		o.steps = pick(g, []int{0, 0, 0, 1, 2})
		o.reason = pick(g, []string{"", "login fails", "too slow"})
		if g.oneIn(5) {
			o.steps, o.to = 0, 1+revision(g.IntN(int(g.commits[o.service])))
		}
		g.rejected = &o.unit
	case n < 86:
		o.kind, o.reason = freeze, pick(g, []string{"closing", "audit"})
	default:
		o.kind = lift
	}
	if g.oneIn(4) && (o.service == "backend" && o.kind != rollback || shared(o.service)) {
		o.only = []string{pick(g, components[o.service])}
	}
	o.troubles = g.troubles()
	return o
}

// release takes the newest commit, a new one, or one that is older, as a workflow that was late or runs again.
func (g *generator) release(o *operation) {
	o.kind, o.environment = release, pick(g, []string{"dev", "stage", "stage", lab})
	if o.environment == lab && !contends(o.service) {
		o.environment = "stage"
	}
	switch n := g.IntN(10); {
	case n < 6:
		g.commit(o, append(slices.Clone(components[o.service]), words, amended))
	case n < 8:
		o.build = g.commits[o.service]
	default:
		o.build = max(1, g.commits[o.service]-revision(1+g.IntN(3)))
		o.force = g.oneIn(4)
		o.clone = pick(g, []string{"", cutOff, fetches})
	}
	if o.environment == lab {
		o.force = g.oneIn(3)
	}
}

// again releases a commit that makes the image which was rejected just before.
func (g *generator) again(o *operation, rejected unit) {
	o.kind, o.unit = release, rejected
	g.commit(o, []string{words, amended})
}

// commit makes one before the release, which a clone of its own may know and few others.
func (g *generator) commit(o *operation, changes []string) {
	g.commits[o.service]++
	o.commits, o.build = pick(g, changes), g.commits[o.service]
	if g.oneIn(8) {
		o.clone = pick(g, []string{cutOff, fetches})
	}
}
