package scaffold

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// tool compiles what Dockerfiles only copy.
type tool struct {
	manifests []string // beside what it compiles
	output    string   // directory that it leaves its results in, below the manifest's
}

var tools = map[string]tool{
	"gradle": {[]string{"build.gradle", "build.gradle.kts"}, "build"},
	"maven":  {[]string{"pom.xml"}, "target"},
}

// built tells whether source, in a context, is what a tool makes there.
func (f Facts) built(context, source string) bool {
	return f.builtBy("gradle", context, source) || f.builtBy("maven", context, source)
}

// builtBy looks for the manifest in the module that the output belongs to: the context, or a folder of it.
func (f Facts) builtBy(name, context, source string) bool {
	t := tools[name]
	module, _, ok := strings.Cut("/"+source+"/", "/"+t.output+"/")
	if !ok {
		return false
	}
	dir := path.Join(context, module)
	return slices.ContainsFunc(t.manifests, func(manifest string) bool { return f.has(path.Join(dir, manifest)) })
}

// prepare is the command that makes what Dockerfiles copy and git does not have.
func (f Facts) prepare(components []Component) []string {
	uses := func(name string) bool {
		return slices.ContainsFunc(components, func(c Component) bool {
			return slices.ContainsFunc(c.file.sources, func(source string) bool {
				return f.builtBy(name, c.Context, source) || c.Context == "." && f.hasTool(name) && strings.HasPrefix(source, tools[name].output+"/")
			})
		})
	}
	var commands []string
	if uses("gradle") {
		task := "assemble"
		if slices.ContainsFunc(f.gradleFiles(), func(name string) bool { return strings.Contains(f.read(name), "springframework.boot") }) || !f.hasBase("build.gradle", "build.gradle.kts") {
			task = "bootJar"
		}
		commands = append(commands, f.wrapper("gradlew", "gradle")+" "+task+" --no-daemon --parallel")
	}
	if uses("maven") {
		commands = append(commands, f.wrapper("mvnw", "mvn")+" -B -DskipTests package")
	}
	return commands
}

func (f Facts) hasTool(name string) bool {
	if name == "gradle" {
		return f.hasBase("settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts", "gradlew")
	}
	return f.hasBase(tools[name].manifests...)
}

// wrapper is the repository's own script where it has one.
func (f Facts) wrapper(script, program string) string {
	if f.has(script) {
		return "./" + script
	}
	return program
}

func (f Facts) gradleFiles() []string {
	return slices.DeleteFunc(f.own(), func(name string) bool {
		return !strings.HasSuffix(name, ".gradle") && !strings.HasSuffix(name, ".gradle.kts") && !strings.HasSuffix(name, ".versions.toml")
	})
}

// project finds a module that another depends on: project(':common'), project(path: ":common").
var project = regexp.MustCompile(`project\s*\(\s*(?:path\s*[:=]\s*)?["']:([A-Za-z0-9_.:-]+)["']`)

// inputs are the patterns of what a component is compiled from, nil where that is not certain: a pattern too few would leave
// an old image in place.
func (f Facts) inputs(c Component, components []Component) []string {
	if c.Context == "." || !f.isGradleModule(c.Context) || slices.ContainsFunc(f.gradleFiles(), func(name string) bool {
		return strings.Contains(f.read(name), "projects.") // accessors that are made up while gradle runs
	}) {
		return nil
	}
	images := map[string]bool{}
	for _, component := range components {
		images[component.Context] = true
	}
	wanted := map[string]bool{c.Context: true}
	for queue := []string{c.Context}; len(queue) > 0; queue = queue[1:] {
		for _, name := range []string{"build.gradle", "build.gradle.kts"} {
			for _, match := range project.FindAllStringSubmatch(f.read(path.Join(queue[0], name)), -1) {
				if dir := strings.ReplaceAll(match[1], ":", "/"); !wanted[dir] {
					wanted[dir] = true
					queue = append(queue, dir)
				}
			}
		}
	}
	for _, name := range f.own() { // a folder that is no other image's may be anybody's, and so may the files at the root
		top, _, _ := strings.Cut(name, "/")
		if !images[top] && !outside(top) {
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

func (f Facts) isGradleModule(dir string) bool {
	return f.has(path.Join(dir, "build.gradle")) || f.has(path.Join(dir, "build.gradle.kts"))
}

// outside tells what never gets into an image of a compiled application.
func outside(name string) bool {
	return slices.Contains([]string{".github", ".gitignore", ".gitmodules", ".gitattributes", ".dockerignore", "docs", "magefiles", "astrago.yaml", "go.work"}, name) ||
		strings.HasSuffix(name, ".md")
}
