package scaffold

import (
	"path"
	"slices"
	"strings"
)

// Component is one image.
type Component struct {
	Name       string
	Dockerfile string // slash-separated, relative to the root; words in angle brackets where there is none
	Context    string
	Cache      string // repository of the steps that it runs; empty for none

	file dockerfile
}

// detectComponents gives each Dockerfile a name and a context, and what runs before them.
func detectComponents(f Facts, l *Layout) {
	files := findDockerfiles(f)
	if len(files) == 0 {
		l.Components = []Component{{Name: l.Service, Dockerfile: "<the path of a Dockerfile>", Context: "."}}
		return
	}
	names := componentNames(files, l.Service)
	for i, file := range files {
		l.Components = append(l.Components, Component{
			Name: names[i], Dockerfile: file.path, Context: contextOf(f, file),
			Cache: l.cacheOf(file), file: file,
		})
	}
	l.Prepare, l.Java, l.Node = prepareCommands(f, l.Components)
}

// cacheOf is where the steps of a Dockerfile are kept that installs what Node needs: the minutes of most frontends.
func (l Layout) cacheOf(file dockerfile) string {
	if !installs.MatchString(file.runs) || l.Image == whichImage {
		return ""
	}
	return l.Image + "-cache"
}

// componentNames are the names of the folders, without what they all begin with (server-core, server-batch); a Dockerfile at the root has
// the service's.
func componentNames(files []dockerfile, service string) []string {
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = componentName(file, service)
	}
	for prefix := commonPrefix(names); prefix != ""; prefix = "" {
		for i := range names {
			names[i] = strings.TrimPrefix(names[i], prefix)
		}
	}
	taken := map[string]bool{}
	for i, file := range files {
		name := names[i]
		if taken[name] {
			name = word(strings.TrimSuffix(file.path, "/Dockerfile"))
		}
		taken[name] = true
		names[i] = name
	}
	return names
}

func componentName(file dockerfile, service string) string {
	base := path.Base(file.path)
	if suffix, ok := strings.CutPrefix(base, "Dockerfile."); ok {
		return word(suffix)
	}
	if prefix, ok := strings.CutSuffix(base, ".Dockerfile"); ok {
		return word(prefix)
	}
	dir := file.dir()
	for slices.Contains([]string{"docker", "build", "deploy", "container", "image", ".docker"}, path.Base(dir)) {
		dir = path.Dir(dir)
	}
	if dir == "." {
		return service
	}
	return word(path.Base(dir))
}

// commonPrefix is what several names begin with, up to a hyphen.
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

// contextOf is the directory that a Dockerfile's COPY lines mean: its own or the root, whichever has more of what they name.
func contextOf(f Facts, file dockerfile) string {
	dir := file.dir()
	if dir == "." {
		return "."
	}
	here, root := 0, 0
	for _, source := range file.sources {
		if source == "." {
			continue
		}
		if f.exists(path.Join(dir, source)) || isBuilt(f, dir, source) {
			here++
		}
		if f.exists(source) || isBuilt(f, ".", source) {
			root++
		}
	}
	if here > root || here == root && isModule(f, dir) {
		return dir
	}
	return "."
}

// exists reports whether a path, a directory or a pattern has files.
func (f Facts) exists(name string) bool {
	return slices.ContainsFunc(f.ownFiles(), func(file string) bool {
		matched, err := path.Match(name, file)
		return err == nil && matched || strings.HasPrefix(file, name+"/")
	})
}

// isModule reports whether a directory is built by itself.
func isModule(f Facts, dir string) bool {
	manifests := []string{
		"build.gradle", "build.gradle.kts", "pom.xml", "package.json", "go.mod", "Cargo.toml", "pyproject.toml",
		"requirements.txt",
	}
	return slices.ContainsFunc(manifests, func(name string) bool { return f.hasFile(path.Join(dir, name)) })
}
