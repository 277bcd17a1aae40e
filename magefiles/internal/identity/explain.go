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
	var why reasonList
	if before.Version != after.Version {
		why.addReason("images are built in another way since an update of ci or of BuildKit")
	}
	why.addChanges("build option", before.Output, after.Output)
	for _, id := range slices.Sorted(maps.Keys(after.Platforms)) {
		if _, known := before.Platforms[id]; !known {
			why.addReason("platform %s is new", id)
			continue
		}
		why.comparePlatform(before.Platforms[id], after.Platforms[id])
	}
	for _, id := range slices.Sorted(maps.Keys(before.Platforms)) {
		if _, still := after.Platforms[id]; !still {
			why.addReason("platform %s is gone", id)
		}
	}
	if len(why) == 0 {
		why.addReason("its build graph changed")
	}
	return why
}

// reasonList are each given once: platforms have most of them in common.
type reasonList []string

func (r *reasonList) addReason(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !slices.Contains(*r, text) {
		*r = append(*r, text)
	}
}

// addChanges adds the keys of a kind whose values differ.
func (r *reasonList) addChanges(kind string, before, after map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if value, known := before[name]; !known {
			r.addReason("%s %s is new", kind, name)
		} else if value != after[name] {
			r.addReason("%s %s changed", kind, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if _, still := after[name]; !still {
			r.addReason("%s %s is gone", kind, name)
		}
	}
}

func (r *reasonList) comparePlatform(before, after Platform) {
	if before.Root() != after.Root() {
		r.addMoves("base", namedSources(before, KindImage), namedSources(after, KindImage))
		r.addMoves("content of", namedSources(before, KindRemote), namedSources(after, KindRemote))
		r.compareFiles(before, after)
		r.compareSteps(before, after)
	}
	r.compareConfig(before, after)
}

// namedSources returns the sources of operations of a kind, by their familiar names.
func namedSources(p Platform, kind Kind) map[string]string {
	named := map[string]string{}
	for _, op := range p.Ops {
		if op.Kind == kind {
			name := op.Source
			if kind == KindImage {
				name = familiarName(name)
			}
			named[name] += string(op.Self)
		}
	}
	return named
}

// addMoves adds what moved of what people give a name to.
func (r *reasonList) addMoves(kind string, before, after map[string]string) {
	moved := map[string]string{}
	for name, value := range after {
		if before[name] != "" && before[name] != value {
			r.addReason("%s %s moved", kind, name)
			value = before[name]
		}
		moved[name] = value
	}
	r.addChanges(kind, before, moved)
}

// compareSteps adds what is done otherwise, by the names of the steps.
func (r *reasonList) compareSteps(before, after Platform) {
	was, is := namedSteps(before), namedSteps(after)
	for _, op := range after.Ops {
		name := stepName(op.Name)
		earlier, known := was[name]
		switch {
		case !isStep(op):
		case !known:
			r.addReason("%s is new", name)
		case earlier.Self == op.Self:
		case maps.Equal(earlier.Env, op.Env):
			r.addReason("%s changed", name)
		default:
			r.addChanges("argument", withoutEntries(earlier.Env, before.imageEnv()), withoutEntries(op.Env, after.imageEnv()))
		}
	}
	for _, op := range before.Ops {
		if _, still := is[stepName(op.Name)]; !still && isStep(op) {
			r.addReason("%s is gone", stepName(op.Name))
		}
	}
}

func isStep(op Op) bool { return (op.Kind == KindExec || op.Kind == KindFile) && op.Name != "" }

func namedSteps(p Platform) map[string]Op {
	named := map[string]Op{}
	for _, op := range p.Ops {
		if isStep(op) {
			named[stepName(op.Name)] = op
		}
	}
	return named
}

func withoutEntries(env, others map[string]string) map[string]string {
	env = maps.Clone(env)
	maps.DeleteFunc(env, func(name, _ string) bool { _, other := others[name]; return other })
	return env
}

// longestStep is the maximum length of a step's name in messages, in characters.
const longestStep = 60

// stepName returns a step as it stands in the Dockerfile, without its number.
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
