package scaffold

import (
	"path"
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

// ourFiles returns the files that a repository has because of the targets, and that no image needs.
func (f Facts) ourFiles() []string {
	return []string{f.submodule(), "magefiles", "go.work", "astrago.yaml", output.Name}
}

// dockerignoreText keeps out of images, and out of what decides whether they are built again, what no Dockerfile names. A file that
// is there gets lines for what the targets bring, where an image takes everything. It is empty where nothing is to be written.
func dockerignoreText(f Facts, components []Component) string {
	root := slices.DeleteFunc(slices.Clone(components), func(c Component) bool { return c.Context != "." })
	if len(root) == 0 || root[0].file.path == "" {
		return ""
	}
	needed := func(name string) bool {
		return slices.ContainsFunc(root, func(c Component) bool { return c.file.needsFile(strings.TrimPrefix(name, "**/")) }) ||
			name == ".git" && f.scriptsAskGit(root)
	}
	names := []string{".git", ".github"}
	names = append(append(names, f.ourFiles()...), "dist", "node_modules", "**/node_modules")
	text, comment := "", "# What images never need. Less in the context means fewer builds.\n"
	if f.hasFile(".dockerignore") {
		everything := slices.ContainsFunc(root, func(c Component) bool { return c.file.copiesEverything() })
		text = f.readFile(".dockerignore")
		if !everything || listsOnly(text) {
			return ""
		}
		names, comment = f.ourFiles(), "# What the targets of astrago.yaml bring is no part of images.\n"
	}
	var added strings.Builder
	for _, name := range names {
		if !needed(name) && !ignores(text, name) {
			added.WriteString(name + "\n")
		}
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if added.Len() == 0 {
		return ""
	}
	return text + withEnds(text, comment+added.String())
}

// listsOnly reports whether a .dockerignore leaves everything out and names what stays.
func listsOnly(text string) bool {
	return slices.ContainsFunc(strings.Split(text, "\n"), func(line string) bool {
		return slices.Contains([]string{"*", "**", "/*", "**/*"}, strings.TrimSpace(line))
	})
}

var (
	runsScripts = regexp.MustCompile(`(?m)\bmake\b|\bjust\b|\btask\b|(?:^|[\s;&|])(?:sh|bash|\./\S+|npm|yarn|pnpm|python3?|pip)\b`)
	asksGit     = regexp.MustCompile(`\bgit (?:-C \S+ )?(?:describe|rev-parse|log|show|status|tag|rev-list|name-rev)\b|` +
		`setuptools[-_]scm|hatch-vcs|versioneer`)
	buildFiles = regexp.MustCompile(`^(?:.*Makefile.*|.+\.mk|.+\.sh|package\.json|` +
		`[Jj]ustfile|Taskfile\.ya?ml|pyproject\.toml|setup\.(?:py|cfg)|.+\.config\.[cm]?[jt]s)$`)
)

// scriptsAskGit reports whether an image that takes everything runs scripts of the repository, which read its history.
func (f Facts) scriptsAskGit(components []Component) bool {
	if !slices.ContainsFunc(components, func(c Component) bool {
		return c.file.copiesEverything() && runsScripts.MatchString(c.file.runs)
	}) {
		return false
	}
	return slices.ContainsFunc(f.ownFiles(), func(name string) bool {
		return buildFiles.MatchString(path.Base(name)) && asksGit.MatchString(f.readFile(name))
	})
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
