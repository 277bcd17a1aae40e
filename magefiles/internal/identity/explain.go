package identity

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Explain returns why two trees of one image differ, in a few words each; none where their keys are equal.
func Explain(before, after Tree) []string {
	if before.Key() == after.Key() {
		return nil
	}
	var why reasons
	if before.Version != after.Version {
		why.add("images are built in another way since an update of ci or of BuildKit")
	}
	why.changes("build option", before.Output, after.Output)
	for _, id := range slices.Sorted(maps.Keys(after.Platforms)) {
		if _, known := before.Platforms[id]; !known {
			why.add("platform %s is new", id)
			continue
		}
		why.platform(before.Platforms[id], after.Platforms[id])
	}
	for _, id := range slices.Sorted(maps.Keys(before.Platforms)) {
		if _, still := after.Platforms[id]; !still {
			why.add("platform %s is gone", id)
		}
	}
	if len(why) == 0 {
		why.add("its build graph changed")
	}
	return why
}

// reasons are each given once: platforms have most of them in common.
type reasons []string

func (r *reasons) add(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !slices.Contains(*r, text) {
		*r = append(*r, text)
	}
}

// changes tells the keys of a kind whose values differ.
func (r *reasons) changes(kind string, before, after map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if value, known := before[name]; !known {
			r.add("%s %s is new", kind, name)
		} else if value != after[name] {
			r.add("%s %s changed", kind, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if _, still := after[name]; !still {
			r.add("%s %s is gone", kind, name)
		}
	}
}

func (r *reasons) platform(before, after Platform) {
	if before.Root() != after.Root() {
		r.moves("base", sources(before, KindImage), sources(after, KindImage))
		r.moves("content of", sources(before, KindRemote), sources(after, KindRemote))
		r.files(before, after)
		r.steps(before, after)
	}
	r.config(before, after)
}

// sources are what operations of a kind take, by the names that people know.
func sources(p Platform, kind Kind) map[string]string {
	named := map[string]string{}
	for _, op := range p.Ops {
		if op.Kind == kind {
			name := op.Source
			if kind == KindImage {
				name = familiar(name)
			}
			named[name] += string(op.Self)
		}
	}
	return named
}

// moves tells what moved of what people give a name to.
func (r *reasons) moves(kind string, before, after map[string]string) {
	moved := map[string]string{}
	for name, value := range after {
		if before[name] != "" && before[name] != value {
			r.add("%s %s moved", kind, name)
			value = before[name]
		}
		moved[name] = value
	}
	r.changes(kind, before, moved)
}

// steps tells what is done otherwise, by the names of the steps.
func (r *reasons) steps(before, after Platform) {
	was, is := steps(before), steps(after)
	for _, op := range after.Ops {
		name := stepName(op.Name)
		earlier, known := was[name]
		switch {
		case !isStep(op):
		case !known:
			r.add("%s is new", name)
		case earlier.Self == op.Self:
		case maps.Equal(earlier.Env, op.Env):
			r.add("%s changed", name)
		default:
			r.changes("argument", without(earlier.Env, before.environment()), without(op.Env, after.environment()))
		}
	}
	for _, op := range before.Ops {
		if _, still := is[stepName(op.Name)]; !still && isStep(op) {
			r.add("%s is gone", stepName(op.Name))
		}
	}
}

func isStep(op Op) bool { return (op.Kind == KindExec || op.Kind == KindFile) && op.Name != "" }

func steps(p Platform) map[string]Op {
	named := map[string]Op{}
	for _, op := range p.Ops {
		if isStep(op) {
			named[stepName(op.Name)] = op
		}
	}
	return named
}

func without(env, others map[string]string) map[string]string {
	env = maps.Clone(env)
	maps.DeleteFunc(env, func(name, _ string) bool { _, other := others[name]; return other })
	return env
}

// longestStep is how much is shown of a step, in characters.
const longestStep = 60

// stepName is a step as it stands in the Dockerfile: its place among the others is not told.
func stepName(name string) string {
	if bracket := strings.Index(name, "] "); strings.HasPrefix(name, "[") && bracket > 0 {
		name = name[bracket+2:]
	}
	name, _, more := strings.Cut(name, "\n")
	if runes := []rune(name); len(runes) > longestStep {
		name, more = string(runes[:longestStep]), true
	}
	if more {
		name += "…"
	}
	return name
}
