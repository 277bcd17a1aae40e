package identity

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// compareFiles adds which files changed, by the steps that take them.
func (r *reasonList) compareFiles(before, after Platform) {
	earlier := buildContexts(before)
	for name, now := range buildContexts(after) {
		if name >= len(earlier) || earlier[name].Self == now.Self {
			continue
		}
		changed := changedFiles(earlier[name].listFiles(), now.listFiles())
		for _, step := range after.contextSteps(now) {
			taken := step.takenNames(changed)
			if len(taken) > 0 {
				r.addReason("%s: %s", stepName(step.Name), countFiles(taken))
			}
			changed = slices.DeleteFunc(changed, func(name string) bool { return slices.Contains(taken, name) })
		}
		if len(changed) > 0 {
			r.addReason("build context: %s", countFiles(changed))
		}
	}
}

// buildContexts are the build contexts of a graph, in order.
func buildContexts(p Platform) (list []Op) {
	for _, op := range p.Ops {
		if op.Kind == KindFiles {
			list = append(list, op)
		}
	}
	slices.SortStableFunc(list, func(a, b Op) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

// changedFiles are the paths at which two sorted lists differ.
func changedFiles(before, after []File) (changed []string) {
	for len(before) > 0 || len(after) > 0 {
		switch {
		case len(before) == 0 || len(after) > 0 && after[0].Path < before[0].Path:
			changed, after = append(changed, after[0].Path), after[1:]
		case len(after) == 0 || before[0].Path < after[0].Path:
			changed, before = append(changed, before[0].Path), before[1:]
		default:
			if before[0].Sum != after[0].Sum {
				changed = append(changed, after[0].Path)
			}
			before, after = before[1:], after[1:]
		}
	}
	return changed
}

// contextStep is a step with the paths that it takes of a context; none: everything.
type contextStep struct {
	Op
	paths []string
}

// contextSteps are the steps that take files of a context, in order.
func (p Platform) contextSteps(context Op) (list []contextStep) {
	for _, op := range p.Ops {
		for i, input := range op.Inputs {
			if input < 0 || input >= len(p.Ops) || p.Ops[input].Digest != context.Digest || i >= len(op.Takes) {
				continue
			}
			list = append(list, contextStep{op, op.Takes[i]})
		}
	}
	return list
}

func (t contextStep) takenNames(names []string) (taken []string) {
	for _, name := range names {
		if len(t.paths) == 0 || slices.ContainsFunc(t.paths, func(pattern string) bool { return matchesOrBelow(name, pattern) }) {
			taken = append(taken, name)
		}
	}
	return taken
}

// matchesOrBelow reports whether a path matches a pattern of COPY, or is below a match.
func matchesOrBelow(name, pattern string) bool {
	if pattern == "" || name == pattern || strings.HasPrefix(name, pattern+"/") {
		return true
	}
	for dir := name; dir != "."; dir = path.Dir(dir) {
		if matched, err := path.Match(pattern, dir); err == nil && matched {
			return true
		}
	}
	return false
}

// filesNamed is the number of changed files that are named.
const filesNamed = 3

func countFiles(names []string) string {
	shown := strings.Join(names[:min(len(names), filesNamed)], ", ")
	if len(names) > filesNamed {
		shown += ", …"
	}
	if len(names) == 1 {
		return fmt.Sprintf("1 file changed (%s)", shown)
	}
	return fmt.Sprintf("%d files changed (%s)", len(names), shown)
}
