package declared

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
)

var bakeNames = regexp.MustCompile(`^docker-bake(?:\.override)?\.json$`)

// bakeFile is a Bake file in JSON (https://docs.docker.com/build/bake/reference), as `docker buildx bake --print` writes it, too.
type bakeFile struct {
	Group    map[string]bakeGroup
	Target   map[string]bakeTarget
	Variable map[string]struct{ Default any }
}

type bakeGroup struct{ Targets []string }

type bakeTarget struct {
	Context, Dockerfile, Target string
	Args                        map[string]*string
	Contexts                    map[string]string
	Tags, Inherits              []string
	Output                      []json.RawMessage
}

// bakeBuilds are the targets of Bake files at the root that make images.
func (r Repository) bakeBuilds() (all []Build) {
	for _, name := range r.files(bakeNames) {
		if strings.Contains(name, "/") {
			continue
		}
		content := r.read(name)
		var file bakeFile
		if json.Unmarshal([]byte(content), &file) == nil {
			all = append(all, file.builds(name, content)...)
		}
	}
	return all
}

func (file bakeFile) builds(name, content string) (builds []Build) {
	values := map[string]string{}
	for variable, given := range file.Variable {
		if value, ok := given.Default.(string); ok {
			values[variable] = value
		}
	}
	for _, target := range file.targets() {
		t := file.inherit(target, maxDepth)
		if !t.makesImage() || len(builds) == maxBuilds {
			continue
		}
		b := Build{Place: Place{name, lineOf(content, `"`+target+`"`)}, Kind: Bake, Pushes: true, Name: target}
		b.Target = expand(t.Target, values)
		context := expand(t.Context, values)
		if context == "" {
			context = "."
		}
		if !b.locate(".", context, expand(t.Dockerfile, values)) {
			continue
		}
		b.setArguments(t.Args, values)
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
	}{{&t.Context, over.Context}, {&t.Dockerfile, over.Dockerfile}, {&t.Target, over.Target}} {
		if field.from != "" {
			*field.into = field.from
		}
	}
	args := map[string]*string{}
	maps.Copy(args, t.Args)
	maps.Copy(args, over.Args)
	t.Args = args
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

// makesImage reports whether a target leaves an image: others lint, or write files.
func (t bakeTarget) makesImage() bool {
	for _, output := range t.Output {
		if !imageOutput.Match(output) {
			return false
		}
	}
	return len(t.Tags) > 0 || len(t.Output) > 0
}

// lineOf is where a text first stands in a file.
func lineOf(content, text string) int {
	before, _, found := strings.Cut(content, text)
	if !found {
		return 1
	}
	return strings.Count(before, "\n") + 1
}
