package scaffold

import (
	"path"
	"slices"
	"strings"
)

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
	switch {
	case here == root && prunes.MatchString(file.runs): // of the whole workspace
		return "."
	case here > root || here == root && isModule(f, dir):
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
