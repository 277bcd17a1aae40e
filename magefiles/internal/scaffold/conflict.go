package scaffold

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold/declared"
)

// Conflict is a workflow of the repository that does today what a release does from now on.
type Conflict struct {
	Workflow string
	Does     string // with its lines
	Remedy   string
}

// task holds a workflow's builds and edits, by their lines.
type task struct {
	file          string
	builds, edits []int
	triggers      declared.Triggers
}

// conflicts are the workflows that publish images or change another repository's files.
func (f Facts) conflicts(l Layout) (all []Conflict) {
	for _, t := range f.tasks(l.builds) {
		var does []string
		if len(t.builds) > 0 {
			does = append(does, "pushes images ("+lineNumbers(t.builds)+")")
		}
		if len(t.edits) > 0 {
			does = append(does, "sets tags ("+lineNumbers(t.edits)+")")
		}
		c := Conflict{Workflow: t.file, Does: strings.Join(does, " and "), Remedy: "see whether it is still needed"}
		if shared := sharedBranches(t.triggers, l.Environments); len(shared) > 0 {
			c.Does += " on " + strings.Join(shared, ", ")
			c.Remedy = "delete it in the same pull request, or take these branches out of its triggers"
		}
		all = append(all, c)
	}
	return all
}

// tasks returns the builds and edits of other workflows, in the order of their declarations.
func (f Facts) tasks(builds []declared.Build) (all []*task) {
	found := map[string]*task{}
	at := func(file string, triggers declared.Triggers) *task {
		if found[file] == nil {
			found[file] = &task{file: file, triggers: triggers}
			all = append(all, found[file])
		}
		return found[file]
	}
	for _, b := range builds {
		if b.Kind == declared.Workflow && !callsUs.MatchString(f.readFile(b.File)) {
			t := at(b.File, b.Triggers)
			t.builds = append(t.builds, b.Line)
		}
	}
	for _, d := range f.declarations().Deliveries() {
		t := at(d.File, d.Triggers)
		for _, edit := range d.Edits {
			t.edits = append(t.edits, edit.Line)
		}
	}
	return all
}

// lineNumbers are the first lines of several.
func lineNumbers(numbers []int) string {
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	words := make([]string, 0, 3)
	for _, number := range numbers[:min(len(numbers), 3)] {
		words = append(words, fmt.Sprint(number))
	}
	if len(numbers) > 3 {
		words[2] = "…"
	}
	if len(numbers) == 1 {
		return "line " + words[0]
	}
	return "lines " + strings.Join(words, ", ")
}

// sharedBranches are those of the environments whose pushes start a workflow.
func sharedBranches(t declared.Triggers, environments []Environment) (shared []string) {
	for _, e := range environments {
		for _, branch := range e.Branches {
			named := slices.ContainsFunc(t.Branches, func(pattern string) bool { return overlap(pattern, branch) })
			if named || t.Pushed && len(t.Branches) == 0 {
				shared = append(shared, branch)
			}
		}
	}
	return shared
}

// overlap reports whether two patterns of branches may name the same one.
func overlap(a, b string) bool {
	matches := func(pattern, name string) bool {
		ok, err := path.Match(strings.ReplaceAll(pattern, "**", "*"), name)
		prefix, _, deep := strings.Cut(pattern, "**")
		return err == nil && ok || deep && strings.HasPrefix(name, prefix)
	}
	return a == b || matches(a, b) || matches(b, a)
}
