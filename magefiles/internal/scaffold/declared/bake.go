package declared

import (
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// bakeNames are the files that Bake reads by default, in its order: a later one overrides those before it.
var bakeNames = []string{"docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl"}

// BakeFiles returns the Bake files at the root, in the order in which Bake reads them.
func (r Repository) BakeFiles() (found []string) {
	for _, name := range bakeNames {
		if slices.Contains(r.Files, name) && r.read(name) != "" {
			found = append(found, name)
		}
	}
	return found
}

// bakeFile is a Bake file in JSON (https://docs.docker.com/build/bake/reference), as `docker buildx bake --print` writes it, too.
type bakeFile struct {
	Group    map[string]bakeGroup
	Target   map[string]bakeTarget
	Variable map[string]struct{ Default any }
}

type bakeGroup struct{ Targets []string }

type bakeTarget struct {
	Context, Dockerfile, Target string
	Inline                      string `json:"dockerfile-inline"`
	Args, Contexts              map[string]*string
	Tags, Inherits              []string
	Output                      []json.RawMessage
}

// bakeBuilds are the targets of Bake files at the root that make images: as Bake itself evaluates the files where it has, or else
// those in JSON.
func (r Repository) bakeBuilds() (all []Build) {
	names := r.BakeFiles()
	var file bakeFile
	if len(names) > 0 && len(r.BakeJSON) > 0 {
		if json.Unmarshal(r.BakeJSON, &file) != nil {
			return nil
		}
		return file.builds(func(target string) Place { return file.place(r, names, target) })
	}
	for _, name := range names {
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		if file = (bakeFile{}); json.Unmarshal([]byte(r.read(name)), &file) == nil {
			all = append(all, file.builds(func(target string) Place { return file.place(r, []string{name}, target) })...)
		}
	}
	return all
}

// place returns the place in one of the files that declares a target. Those of a matrix have names that stand nowhere, and are a group of
// the name that does.
func (file bakeFile) place(r Repository, names []string, target string) Place {
	candidates := []string{target}
	for _, group := range slices.Sorted(maps.Keys(file.Group)) {
		if group != "default" && slices.Contains(file.Group[group].Targets, target) {
			candidates = append(candidates, group)
		}
	}
	for _, candidate := range candidates {
		quoted := `"` + regexp.QuoteMeta(candidate) + `"`
		declaration := regexp.MustCompile(`(?m)^[ \t]*"?target"?[ \t]+` + quoted + `|` + quoted + `[ \t]*:`)
		for _, name := range names {
			content := r.read(name)
			if at := declaration.FindStringIndex(content); at != nil {
				return Place{name, strings.Count(content[:at[0]], "\n") + 1}
			}
		}
	}
	return Place{names[0], 1}
}

func (file bakeFile) builds(place func(target string) Place) (builds []Build) {
	values := map[string]string{}
	for variable, given := range file.Variable {
		if value, ok := given.Default.(string); ok {
			values[variable] = value
		}
	}
	byDefault := len(file.Group["default"].Targets) > 0
	for _, target := range file.targets() {
		t := file.inherit(target, maxDepth)
		if !t.makesImage(byDefault) || len(builds) == maxBuilds {
			continue
		}
		b := Build{Place: place(target), Kind: Bake, Pushes: true, Name: target, Target: expand(t.Target, values)}
		if !b.locate(".", cmp.Or(expand(t.Context, values), "."), expand(t.Dockerfile, values)) {
			continue
		}
		b.setArguments(t.Args, values)
		b.setContexts(".", t.Contexts, values)
		for _, tag := range t.Tags {
			b.addImage(expand(tag, values))
		}
		builds = append(builds, b)
	}
	return merge(builds)
}

// targets are those of the group default, or all where there is none.
func (file bakeFile) targets() (names []string) {
	queue := slices.Clone(file.Group["default"].Targets)
	if len(queue) == 0 {
		for name := range file.Target {
			names = append(names, name)
		}
		slices.Sort(names)
		return names
	}
	for i := 0; i < len(queue) && i < maxBuilds; i++ {
		if _, ok := file.Target[queue[i]]; ok {
			names = appendNew(names, queue[i])
		}
		queue = appendNew(queue, file.Group[queue[i]].Targets...)
	}
	return names
}

// inherit returns a target with what it has from others.
func (file bakeFile) inherit(name string, depth int) bakeTarget {
	own := file.Target[name]
	if depth == 0 {
		return own
	}
	var all bakeTarget
	for _, parent := range own.Inherits {
		all = all.overlay(file.inherit(parent, depth/2))
	}
	return all.overlay(own)
}

func (t bakeTarget) overlay(over bakeTarget) bakeTarget {
	for _, field := range []struct {
		into *string
		from string
	}{{&t.Context, over.Context}, {&t.Dockerfile, over.Dockerfile}, {&t.Target, over.Target}, {&t.Inline, over.Inline}} {
		if field.from != "" {
			*field.into = field.from
		}
	}
	t.Args, t.Contexts = overlaid(t.Args, over.Args), overlaid(t.Contexts, over.Contexts)
	if len(over.Tags) > 0 {
		t.Tags = over.Tags
	}
	if len(over.Output) > 0 {
		t.Output = over.Output
	}
	return t
}

// imageOutput finds the kinds of output that are images.
var imageOutput = regexp.MustCompile(`docker|image|registry|oci`)

// makesImage reports whether a target leaves an image: others lint, write files, or are there to be inherited from. The tags of one
// that is built by default may come from a workflow.
func (t bakeTarget) makesImage(byDefault bool) bool {
	for _, output := range t.Output {
		if !imageOutput.Match(output) {
			return false
		}
	}
	return t.Inline == "" && (byDefault || len(t.Tags) > 0 || len(t.Output) > 0)
}

func overlaid(below, above map[string]*string) map[string]*string {
	all := maps.Clone(below)
	if all == nil {
		return above
	}
	maps.Copy(all, above)
	return all
}

// lineOf returns the line of a text's first occurrence in a file.
func lineOf(content, text string) int {
	before, _, found := strings.Cut(content, text)
	if !found {
		return 1
	}
	return strings.Count(before, "\n") + 1
}
