package scaffold

import (
	"regexp"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/output"
)

// gitignoreText adds what Go leaves beside go.work to what is there, and nothing twice. What the targets leave ignores itself.
func gitignoreText(f Facts) string {
	text := f.readFile(".gitignore")
	const name = "go.work.sum"
	if f.exists(name) || ignores(text, name) {
		return text // a tracked file of that name is the application's
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text + "/" + name + "\n"
}

// ignores reports whether a .gitignore has a line for a name at the root.
func ignores(text, name string) bool {
	for line := range strings.Lines(text) {
		if strings.Trim(strings.TrimSpace(line), "/") == strings.TrimSuffix(name, "/") {
			return true
		}
	}
	return false
}

// dockerignoreText keeps out of images, and out of what decides whether they are built again, what no Dockerfile names. It is
// empty where a repository has one, or no context is the root.
func dockerignoreText(f Facts, components []Component) string {
	root := slices.DeleteFunc(slices.Clone(components), func(c Component) bool { return c.Context != "." })
	if len(root) == 0 || f.hasFile(".dockerignore") || root[0].file.path == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString("# What images never need. Less in the context means fewer builds.\n")
	for _, name := range []string{
		".git", ".github", f.submodule(), "magefiles", "go.work", "astrago.yaml", output.Name, "dist", "node_modules",
		"**/node_modules",
	} {
		if !slices.ContainsFunc(root, func(c Component) bool { return c.file.needsFile(strings.TrimPrefix(name, "**/")) }) {
			b.WriteString(name + "\n")
		}
	}
	return b.String()
}

// needsFile reports whether a Dockerfile may want a name of its context. What is installed or read by its own steps counts where
// it copies everything.
func (d dockerfile) needsFile(name string) bool {
	switch {
	case slices.ContainsFunc(d.sources, func(source string) bool { return names(source, name) }):
		return true
	case !d.copiesEverything():
		return false
	case name == ".git":
		return strings.Contains(d.runs, "git") || strings.Contains(d.runs, "go build")
	case name == "node_modules":
		return !installs.MatchString(d.runs)
	case name == "dist":
		return !strings.Contains(d.runs, "build")
	}
	return strings.Contains(d.runs, name+"/")
}

// installs finds the package managers of Node.
var installs = regexp.MustCompile(`\b(?:npm|yarn|pnpm|bun)\b`)

// names reports whether a source is a name or something in it, or a pattern at the root: rather too much than too little.
func names(source, name string) bool {
	if strings.ContainsAny(source, "*?[") && !strings.Contains(source, "/") {
		return true
	}
	return strings.Contains("/"+source+"/", "/"+name+"/")
}
