package scaffold

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// dockerfile is a Dockerfile with the facts that identify its context.
type dockerfile struct {
	path    string
	sources []string // what it copies from the context, arguments replaced by their defaults
	content string
	besides bool   // its folder has one called Dockerfile, too
	runs    string // its RUN lines
	stages  int
	args    []declaredArg     // in their order, each name once
	given   map[string]string // values of arguments from outside
	named   []string          // its stages, those that have a name
}

// declaredArg is a build argument that a Dockerfile declares.
type declaredArg struct {
	name   string
	preset bool // it has a default
	line   int  // of its first use in a COPY, a FROM, or a RUN that makes a name of it; 0 for none
	needed bool // what uses it cannot do without
}

func (d dockerfile) dir() string { return path.Dir(d.path) }

// copiesEverything reports whether the whole context is copied.
func (d dockerfile) copiesEverything() bool {
	return slices.Contains(d.sources, ".")
}

var (
	dockerfileNames = regexp.MustCompile(`(?i)^(?:(?:docker|container)file(?:[.-].+)?|.+\.(?:docker|container)file)$`)
	otherFiles      = regexp.MustCompile(`(?i)\.(?:dockerignore|md|txt|go|py|js|ts|rb|sh|json|ya?ml|toml|html?|` +
		`j2|tmpl|tpl|erb|ps1|vim|lock|orig|rej|bak)$`)
)

// isDockerfile reports whether a file is called as BuildKit, Docker, Podman and editors know Dockerfiles.
func isDockerfile(name string) bool {
	base := path.Base(name)
	return dockerfileNames.MatchString(base) && !otherFiles.MatchString(base)
}

// findDockerfiles finds Dockerfiles by their names.
func findDockerfiles(f Facts) []dockerfile {
	var found []dockerfile
	for _, name := range f.ownFiles() {
		if isDockerfile(name) && len(found) < maxDockerfiles {
			if content := f.readFile(name); content != "" {
				d := parseDockerfile(name, content)
				d.besides = f.hasFile(path.Join(path.Dir(name), "Dockerfile"))
				found = append(found, d)
			}
		}
	}
	return found
}

// maxDockerfiles is the maximum number of Dockerfiles in a repository: more are a collection of samples.
const maxDockerfiles = 200

// with returns a Dockerfile as it is with the arguments of a component.
func (d dockerfile) with(args []Argument) dockerfile {
	values := map[string]string{}
	for _, a := range args {
		if a.Doubt == "" && !a.isQuestion() {
			values[a.Name] = a.Value
		}
	}
	if len(values) == 0 {
		return d
	}
	return parseWith(d.path, d.content, values)
}

// parseDockerfile reads what it can: a Dockerfile with a mistake is the build's to explain.
func parseDockerfile(name, content string) dockerfile { return parseWith(name, content, nil) }

func parseWith(name, content string, given map[string]string) dockerfile {
	d := dockerfile{path: name, content: content, given: given}
	parsed, err := parser.Parse(strings.NewReader(content))
	if err != nil {
		return d
	}
	stages, args, err := instructions.Parse(parsed.AST, linter.New(&linter.Config{SkipAll: true}))
	if err != nil {
		return d
	}
	d.stages = len(stages)
	values := map[string]string{}
	d.declare(values, args)
	for _, stage := range stages {
		d.useArguments(stage.BaseName, lineOf(stage.Location), true)
		if stage.Name != "" {
			d.named = append(d.named, stage.Name)
		}
		for _, command := range stage.Commands {
			d.command(command, values)
		}
	}
	return d
}

func lineOf(location []parser.Range) int {
	if len(location) == 0 {
		return 1
	}
	return location[0].Start.Line
}

// declare notes arguments with their defaults.
func (d *dockerfile) declare(values map[string]string, args []instructions.ArgCommand) {
	for _, arg := range args {
		for _, pair := range arg.Args {
			if value, ok := d.given[pair.Key]; ok {
				values[pair.Key] = value
			} else if pair.Value != nil {
				values[pair.Key] = *pair.Value
			}
			i := slices.IndexFunc(d.args, func(a declaredArg) bool { return a.name == pair.Key })
			if i < 0 {
				d.args = append(d.args, declaredArg{name: pair.Key})
				i = len(d.args) - 1
			}
			d.args[i].preset = d.args[i].preset || pair.Value != nil
		}
	}
}

func (d *dockerfile) command(command instructions.Command, values map[string]string) {
	switch command := command.(type) {
	case *instructions.ArgCommand:
		d.declare(values, []instructions.ArgCommand{*command})
	case *instructions.ExposeCommand:
		d.useArguments(strings.Join(command.Ports, " "), lineOf(command.Location()), true)
	case *instructions.CopyCommand:
		if command.From == "" {
			d.useArguments(strings.Join(command.SourcePaths, " "), lineOf(command.Location()), true)
			d.addCopies(command.SourcePaths, values)
		}
	case *instructions.AddCommand:
		d.useArguments(strings.Join(command.SourcePaths, " "), lineOf(command.Location()), true)
		d.addCopies(command.SourcePaths, values)
	case *instructions.RunCommand:
		line := strings.Join(command.CmdLine, " ")
		d.runs += line + "\n"
		d.useArguments(line, lineOf(command.Location()), false)
		if err := command.Expand(func(text string) (string, error) { return expandVariables(text, values), nil }); err != nil {
			return
		}
		for _, mount := range instructions.GetMounts(command) {
			if mount.Type == instructions.MountTypeBind && mount.From == "" {
				d.addCopies([]string{mount.Source}, values)
			}
		}
	}
}

var variableReference = regexp.MustCompile(`\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?`)

func (d *dockerfile) addCopies(sources []string, values map[string]string) {
	for _, source := range sources {
		if strings.Contains(source, "://") || strings.HasPrefix(source, "git@") {
			continue
		}
		source = strings.TrimPrefix(path.Clean("/"+expandVariables(source, values)), "/")
		d.sources = append(d.sources, cmp.Or(source, "."))
	}
}

// expandVariables puts the defaults of arguments in their places.
func expandVariables(text string, values map[string]string) string {
	return variableReference.ReplaceAllStringFunc(text,
		func(use string) string { return values[variableReference.FindStringSubmatch(use)[1]] })
}
