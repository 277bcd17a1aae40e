package scaffold

import (
	"io/fs"
	"path"
	"slices"
	"strings"
)

// buildTool compiles what Dockerfiles only copy.
type buildTool struct {
	manifests []string // beside what it compiles
	outputs   []string // directories that it leaves its results in, below the manifest's
}

var buildTools = map[string]buildTool{
	"gradle": {[]string{"build.gradle", "build.gradle.kts"}, []string{"build"}},
	"maven":  {[]string{"pom.xml"}, []string{"target"}},
	"node":   {[]string{"package.json"}, []string{"dist", "build", "out", ".next", ".output"}},
}

// isBuilt reports whether source, in a context, is a tool's output there.
func isBuilt(f Facts, context, source string) bool {
	for name := range buildTools {
		if _, ok := builtBy(f, name, context, source); ok {
			return true
		}
	}
	return false
}

// builtBy looks for the manifest in the module that the output belongs to, the context or a folder of it, and gives the
// module. What git has is not made by a command, and a package.json makes something where it has a build.
func builtBy(f Facts, name, context, source string) (module string, ok bool) {
	t := buildTools[name]
	for _, output := range t.outputs {
		below, _, found := strings.Cut("/"+source+"/", "/"+output+"/")
		module = path.Join(context, below)
		if !found && path.Base(context) == output { // the context is the tool's output
			module, found = path.Dir(context), true
		}
		if !found || !slices.ContainsFunc(t.manifests, func(manifest string) bool { return f.hasFile(path.Join(module, manifest)) }) {
			continue
		}
		if name != "node" {
			return module, true
		}
		_, gradle := builtBy(f, "gradle", context, source)
		if !gradle && readManifest(f, module).Scripts["build"] != "" && !f.exists(path.Join(module, output)) {
			return module, true
		}
	}
	return "", false
}

// prepareCommands returns the commands that make the files which Dockerfiles copy and git does not have, and their runtimes.
func prepareCommands(f Facts, components []Component) (commands []string, java, node Runtime) {
	uses := func(name string) (modules []string) {
		for _, c := range components {
			for _, source := range c.file.sources {
				module, ok := builtBy(f, name, c.Context, source)
				rest := c.Context == "." && name != "node" && f.hasTool(name) && strings.HasPrefix(source, buildTools[name].outputs[0]+"/")
				if ok || rest {
					modules = append(modules, module)
				}
			}
		}
		slices.Sort(modules)
		return slices.Compact(modules)
	}
	if uses("gradle") != nil {
		task := "assemble"
		if slices.ContainsFunc(gradleFiles(f), func(name string) bool {
			return strings.Contains(f.readFile(name),
				"springframework.boot")
		}) ||
			!f.hasBase("build.gradle", "build.gradle.kts") {
			task = "bootJar"
		}
		commands = append(commands, wrapperCommand(f, "gradlew", "gradle")+" "+task+" --no-daemon --parallel")
		java = javaRuntime(f, "gradle")
	}
	if uses("maven") != nil {
		commands = append(commands, wrapperCommand(f, "mvnw", "mvn")+" -B -DskipTests package")
		if !java.Used {
			java = javaRuntime(f, "maven")
		}
	}
	for i, module := range uses("node") {
		if commands = append(commands, nodeCommands(f, module)...); i == 0 {
			node = nodeRuntime(f, module)
		}
	}
	return commands, java, node
}

func (f Facts) hasTool(name string) bool {
	if name == "gradle" {
		return f.hasBase("settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts", "gradlew")
	}
	return f.hasBase(buildTools[name].manifests...)
}

// wrapperCommand is the repository's own script where it has one. One that was added on a system without such a bit is not
// executable, and a runner would refuse it.
func wrapperCommand(f Facts, script, program string) string {
	if !f.hasFile(script) {
		return program
	}
	if info, err := fs.Stat(f.Tree, script); err == nil && info.Mode()&0o111 == 0 {
		return "sh ./" + script
	}
	return "./" + script
}

func gradleFiles(f Facts) []string {
	return slices.DeleteFunc(f.ownFiles(), func(name string) bool {
		return !strings.HasSuffix(name, ".gradle") && !strings.HasSuffix(name, ".gradle.kts") && !strings.HasSuffix(name, ".versions.toml")
	})
}
