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

// dockerfile is what one tells about its context.
type dockerfile struct {
	path    string
	sources []string // what it copies from the context, arguments replaced by their defaults
	runs    string   // its RUN lines
	stages  int
}

func (d dockerfile) dir() string { return path.Dir(d.path) }

// copiesEverything reports whether the whole context is copied.
func (d dockerfile) copiesEverything() bool {
	return slices.Contains(d.sources, ".")
}

// findDockerfiles finds Dockerfiles by the names that BuildKit, Docker and editors know.
func findDockerfiles(f Facts) []dockerfile {
	var found []dockerfile
	for _, name := range f.ownFiles() {
		base := path.Base(name)
		named := base == "Dockerfile" || strings.HasPrefix(base, "Dockerfile.") || strings.HasSuffix(base, ".Dockerfile")
		if named && !strings.HasSuffix(base, ".dockerignore") {
			found = append(found, parseDockerfile(name, f.readFile(name)))
		}
	}
	return found
}

// parseDockerfile reads what it can: a Dockerfile with a mistake is the build's to explain.
func parseDockerfile(name, content string) dockerfile {
	d := dockerfile{path: name}
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
	noteArguments(values, args)
	for _, stage := range stages {
		for _, command := range stage.Commands {
			d.command(command, values)
		}
	}
	return d
}

func noteArguments(values map[string]string, args []instructions.ArgCommand) {
	for _, arg := range args {
		for _, pair := range arg.Args {
			if pair.Value != nil {
				values[pair.Key] = *pair.Value
			}
		}
	}
}

func (d *dockerfile) command(command instructions.Command, values map[string]string) {
	switch command := command.(type) {
	case *instructions.ArgCommand:
		noteArguments(values, []instructions.ArgCommand{*command})
	case *instructions.CopyCommand:
		if command.From == "" {
			d.addCopies(command.SourcePaths, values)
		}
	case *instructions.AddCommand:
		d.addCopies(command.SourcePaths, values)
	case *instructions.RunCommand:
		d.runs += strings.Join(command.CmdLine, " ") + "\n"
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
