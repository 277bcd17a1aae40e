package scaffold

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold/declared"
)

// Component is one image.
type Component struct {
	Name       string
	Dockerfile string // slash-separated, relative to the root; words in angle brackets where there is none
	Context    string
	Target     string // words in angle brackets where only a person knows it
	Image      string // repository; empty for that of all
	Args       []Argument
	Contexts   map[string]string
	Cache      string   // repository of the steps that it runs; empty for none
	Witnesses  []string // the places that say so, beginning with the one that was followed

	imageFound string // the place that says Image
	file       dockerfile
	builds     []declared.Build // that it follows
}

// LeftOut is an image that the repository could have, and is not proposed.
type LeftOut struct {
	Component
	Reason string
}

// detectComponents gives each Dockerfile a name and a context, and what runs before them.
func detectComponents(f Facts, l *Layout) {
	files := findDockerfiles(f)
	found := selectImages(files, l.builds)
	for i := range found.chosen {
		c := &found.chosen[i]
		if c.Context == "" {
			c.Context = contextOf(f, c.file)
		}
	}
	if len(found.chosen) == 0 {
		l.Components = []Component{{Name: l.Service, Dockerfile: "<the path of a Dockerfile>", Context: "."}}
	} else {
		nameComponents(found.chosen, l.Service)
		l.Components = found.chosen
		l.nameImages()
	}
	for i := range found.left {
		c := &found.left[i]
		if c.Context == "" {
			c.Context = contextOf(f, c.file)
		}
		c.Name = componentName(c.file, l.Service)
	}
	l.LeftOut = found.left
	for i := range l.Components {
		l.Components[i].file = l.Components[i].file.with(l.Components[i].Args)
		l.Components[i].Cache = l.cacheOf(l.Components[i].file)
	}
	l.Prepare, l.Java, l.Node = prepareCommands(f, l.Components)
}

// cacheOf returns the cache for the steps of a Dockerfile that installs Node's dependencies: the minutes of most frontends.
func (l Layout) cacheOf(file dockerfile) string {
	if !installs.MatchString(file.runs) || strings.HasPrefix(l.Image, "<") {
		return ""
	}
	return l.Image + "-cache"
}

// nameComponents gives components the names that builds agree on, or those of their folders, without what they all begin with
// (server-core, server-batch); the only one, at the root, has the service's.
func nameComponents(components []Component, service string) {
	names := make([]string, len(components))
	for i, c := range components {
		names[i] = c.Name
		if names[i] == "" || len(components) == 1 && c.file.dir() == "." {
			names[i] = componentName(c.file, service)
		}
		names[i] = word(names[i])
	}
	for prefix := commonPrefix(names); prefix != ""; prefix = commonPrefix(names) {
		for i := range names {
			names[i] = strings.TrimPrefix(names[i], prefix)
		}
	}
	taken := map[string]bool{}
	for i, c := range components {
		name := names[i]
		if taken[name] && c.Target != "" {
			name = word(name + "-" + c.Target)
		}
		if taken[name] {
			name = word(strings.TrimSuffix(c.file.path, "/Dockerfile"))
		}
		for number, plain := 2, name; taken[name]; number++ {
			name = fmt.Sprintf("%s-%d", plain, number)
		}
		taken[name] = true
		components[i].Name = name
	}
}

// packaging are folders of Dockerfiles that say nothing about the image.
var packaging = []string{"docker", "build", "deploy", "container", "image", ".docker", "src", "dockerfiles", "containers"}

func componentName(file dockerfile, service string) string {
	base := path.Base(file.path)
	lower := strings.ToLower(base)
	dir := file.dir()
	for slices.Contains(packaging, path.Base(dir)) {
		dir = path.Dir(dir)
	}
	for _, kind := range []string{"dockerfile", "containerfile"} {
		if suffix, ok := strings.CutPrefix(lower, kind); ok && len(suffix) > 1 {
			if file.besides && dir != "." {
				return word(path.Base(dir) + suffix)
			}
			return word(suffix[1:])
		}
		if prefix, ok := strings.CutSuffix(lower, "."+kind); ok {
			return word(prefix)
		}
	}
	if dir == "." {
		return service
	}
	return word(path.Base(dir))
}

// commonPrefix returns the common prefix of several names, up to a hyphen.
func commonPrefix(names []string) string {
	prefix, rest, ok := strings.Cut(names[0], "-")
	if !ok || len(names) < 2 || rest == "" {
		return ""
	}
	prefix += "-"
	for _, name := range names {
		if !strings.HasPrefix(name, prefix) || name == prefix {
			return ""
		}
	}
	return prefix
}
