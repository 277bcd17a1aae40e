package scaffold

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// project finds a module that another depends on: project(':common'), project(path: ":common").
var project = regexp.MustCompile(`\bproject\s*\(\s*(?:path\s*[:=]\s*)?["']:([A-Za-z0-9_.:-]+)["']`)

// dynamic finds what makes modules depend on each other in a way that cannot be read, once the literal ones are taken away:
// computed names, accessors that are made up while Gradle runs, other builds, modules that are elsewhere than their names say.
var dynamic = regexp.MustCompile(`\bproject\s*\(|\bprojects\.|\bprojectDir\b|["']:\$|["']:["']\s*\+|\bconfigure\s*\(|` +
	`\b(?:find[Pp]roject|evaluationDependsOn\w*|include(?:Build|Flat))\b|\b(?:sub|all|child)[pP]rojects\s*\.|\bgradle\.\w*[pP]roject`)

// crossing finds a block or a property of another module.
var crossing = regexp.MustCompile(`\bproject\s*\([^)]*\)\s*[.{]`)

// inputs are the patterns of what a component is compiled from, nil where that is not certain: a pattern too few would leave
// an old image in place.
func (f Facts) inputs(c Component, components []Component) []string {
	if c.Context == "." || !f.isGradleModule(c.Context) || slices.ContainsFunc(f.buildFiles(), func(name string) bool {
		return dynamic.MatchString(project.ReplaceAllString(f.read(name), ""))
	}) {
		return nil
	}
	wanted := f.reached(c.Context)
	images := map[string]bool{}
	for _, other := range components {
		images[other.Context] = true
		if !wanted[other.Context] && f.mentioned(other.Context, wanted, components) {
			return nil
		}
	}
	for dir := range wanted {
		if !f.exists(dir) {
			return nil // the module is elsewhere
		}
	}
	for _, name := range f.own() { // a folder that is no other image's may be anybody's, and so may the files at the root
		top, _, _ := strings.Cut(name, "/")
		if !images[top] && (!outside(top) || f.inBuilds(top)) {
			wanted[top] = true
		}
	}
	var patterns []string
	for dir := range wanted {
		patterns = append(patterns, dir)
	}
	slices.Sort(patterns)
	return patterns
}

// reached are the directories of a module and of those that its own build files make it depend on.
func (f Facts) reached(module string) map[string]bool {
	wanted := map[string]bool{module: true}
	for queue := []string{module}; len(queue) > 0; queue = queue[1:] {
		for _, name := range tools["gradle"].manifests {
			for _, match := range project.FindAllStringSubmatch(f.read(path.Join(queue[0], name)), -1) {
				if dir := strings.ReplaceAll(match[1], ":", "/"); !wanted[dir] {
					wanted[dir] = true
					queue = append(queue, dir)
				}
			}
		}
	}
	return wanted
}

// mentioned tells whether a build file that may speak for one of the wanted modules names an image's module that is none of
// them: a file of theirs, or one that is no image's, such as the root's, which configures modules from outside. Settings name
// all modules, and the file of a further image's speaks for that one, unless it reaches into a wanted one.
func (f Facts) mentioned(other string, wanted map[string]bool, components []Component) bool {
	for _, name := range f.buildFiles() {
		base, owner, text := path.Base(name), f.owner(name, components), f.read(name)
		switch {
		case strings.HasPrefix(base, "settings.gradle"), strings.HasSuffix(base, ".toml"):
		case owner == "" || wanted[owner]:
			if says(text, other) {
				return true
			}
		case crossing.MatchString(text):
			for module := range wanted {
				if says(text, module) {
					return true
				}
			}
		}
	}
	return false
}

// owner is the image's module that a file belongs to, empty where it is none's.
func (f Facts) owner(name string, components []Component) string {
	for _, c := range components {
		if c.Context != "." && strings.HasPrefix(name, c.Context+"/") {
			return c.Context
		}
	}
	return ""
}

// says tells whether a text has the name of a module's directory as a word.
func says(text, dir string) bool {
	return regexp.MustCompile(`(?:^|[^A-Za-z0-9_-])` + regexp.QuoteMeta(path.Base(dir)) + `(?:$|[^A-Za-z0-9_-])`).MatchString(text)
}

// inBuilds tells whether a build file names something at the root.
func (f Facts) inBuilds(name string) bool {
	return slices.ContainsFunc(f.buildFiles(), func(file string) bool { return says(f.read(file), name) })
}

// buildFiles are those of Gradle, with the sources of plugins that the repository has for itself.
func (f Facts) buildFiles() []string {
	return append(f.gradleFiles(), slices.DeleteFunc(f.own(), func(name string) bool {
		extension := path.Ext(name)
		return !strings.HasPrefix(name, "buildSrc/") || extension != ".kt" && extension != ".groovy" && extension != ".java"
	})...)
}

func (f Facts) isGradleModule(dir string) bool {
	return f.has(path.Join(dir, "build.gradle")) || f.has(path.Join(dir, "build.gradle.kts"))
}

// outside tells what never gets into an image of a compiled application.
func outside(name string) bool {
	return slices.Contains([]string{".github", ".gitignore", ".gitmodules", ".gitattributes", ".dockerignore", "docs", "magefiles", "astrago.yaml", "go.work"}, name) ||
		strings.HasSuffix(name, ".md")
}
