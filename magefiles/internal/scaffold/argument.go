package scaffold

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold/declared"
)

// Argument is a build argument of a component.
type Argument struct {
	Name  string
	Value string // words in angle brackets where only a person knows it
	Found string // the place that says so
	Doubt string // a place that builds without it, where the Dockerfile has a default
}

// isQuestion reports whether only a person knows the value.
func (a Argument) isQuestion() bool {
	return strings.HasPrefix(a.Value, "<") && strings.HasSuffix(a.Value, ">")
}

// givenArgs have a value in every build (https://docs.docker.com/reference/dockerfile/#predefined-args).
var givenArgs = regexp.MustCompile(`^(?:(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT|STAGE)|(?i:(?:https?|ftp|no|all)_proxy)|` +
	`BUILDKIT_.*|SOURCE_DATE_EPOCH)$`)

// secretName finds arguments that are to be secrets of the build: astrago.yaml takes none of them.
var secretName = regexp.MustCompile(`(?i)token|passw(or)?d|secret`)

// joined is a variable that a RUN makes a part of another word: make build.$ARCH. Without a value it names something else.
var joined = regexp.MustCompile(`[A-Za-z0-9_./:-]\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))`)

// useArguments notes the arguments that a text cannot do without: in a RUN those that are a part of a word.
func (d *dockerfile) useArguments(text string, line int, always bool) {
	matches := joined.FindAllStringSubmatch(text, -1)
	if always {
		matches = variableReference.FindAllStringSubmatch(text, -1)
	}
	for _, match := range matches {
		name := strings.Join(match[1:], "")
		for i := range d.args {
			if a := &d.args[i]; a.name == name && a.line == 0 {
				a.line, a.needed = line, true
			}
		}
	}
}

// arguments returns a Dockerfile's arguments: those that it declares, with the values of builds, and questions for those that it requires.
// builds are the ones to follow, all those that may have a value, too.
func (d dockerfile) arguments(builds, all []declared.Build) (args []Argument) {
	for _, arg := range d.args {
		if givenArgs.MatchString(arg.name) || secretName.MatchString(arg.name) {
			continue
		}
		values, named := knownValues(arg.name, builds)
		if len(values) == 0 && named {
			values, _ = knownValues(arg.name, all)
		}
		switch {
		case len(values) == 1 && values[0].Value != "":
			values[0].Doubt = contradicted(arg, all)
			args = append(args, values[0])
		case len(values) > 1:
			args = append(args, Argument{Name: arg.name, Value: choice(values), Found: values[0].Found})
		case !arg.preset && arg.needed && d.within(arg.name):
			args = append(args, Argument{
				Name: arg.name, Value: fmt.Sprintf("<the value of ARG %s, which line %d needs>", arg.name, arg.line),
				Found: fmt.Sprintf("%s:%d", d.path, arg.line),
			})
		}
	}
	return args
}

// contradicted returns the place of a build that leaves an argument to the Dockerfile's default.
func contradicted(arg declaredArg, builds []declared.Build) string {
	for _, b := range builds {
		if _, given := b.Args[arg.name]; arg.preset && !given && rank(b) >= composed {
			return b.Place.String()
		}
	}
	return ""
}

// within reports whether a build passes an argument from outside: one of the image's own commands does not.
func (d dockerfile) within(name string) bool { return !strings.Contains(d.runs, "export "+name+"=") }

// knownValues are the different values that builds give an argument, and whether any names it.
func knownValues(name string, builds []declared.Build) (values []Argument, named bool) {
	for _, b := range builds {
		given, ok := b.Args[name]
		named = named || ok
		if ok && given.Known && !slices.ContainsFunc(values, func(a Argument) bool { return a.Value == given.Value }) {
			values = append(values, Argument{Name: name, Value: given.Value, Found: b.Place.String()})
		}
	}
	return values, named
}

// choice asks a person which of several values is meant.
func choice(values []Argument) string {
	var words []string
	for _, value := range values[:min(len(values), 4)] {
		words = append(words, strings.Trim(value.Value, "<>")+" as in "+value.Found)
	}
	return "<one of: " + strings.Join(words, ", ") + ">"
}
