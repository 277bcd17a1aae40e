package declared

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// scope holds the contexts that a workflow's expressions may name at one place.
type scope struct {
	repository string // owner/name
	env        map[string]string
	inputs     map[string]string
	matrix     map[string]*yaml.Node
	images     map[string][]string // by id of the step of docker/metadata-action that names them
}

var (
	expressions = regexp.MustCompile(`\$\{\{(.*?)\}\}`)
	literal     = regexp.MustCompile(`^'((?:[^']|'')*)'$`)
	reference   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)
)

// evaluate puts the values of expressions in their places (https://docs.github.com/en/actions/reference/workflows-and-actions/expressions),
// and unresolved where a run computes them.
func (s scope) evaluate(text string) string {
	if len(text) > maxFile/16 {
		return unresolved
	}
	return expressions.ReplaceAllStringFunc(text, func(use string) string {
		return s.operand(strings.TrimSpace(expressions.FindStringSubmatch(use)[1]))
	})
}

// operand evaluates one expression: a literal, a reference, or several of them of which the first counts that is not empty.
func (s scope) operand(expression string) string {
	for part := range strings.SplitSeq(expression, "||") {
		part = strings.TrimSpace(part)
		var value string
		switch match := literal.FindStringSubmatch(part); {
		case match != nil:
			value = strings.ReplaceAll(match[1], "''", "'")
		case reference.MatchString(part):
			value = s.lookUp(part)
		default:
			return unresolved
		}
		if value != "" && (value != unresolved || !strings.Contains(expression, "||") || strings.HasPrefix(part, "matrix.")) {
			return value
		}
	}
	return unresolved
}

func (s scope) lookUp(name string) string {
	owner, repository, _ := strings.Cut(s.repository, "/")
	context, rest, _ := strings.Cut(name, ".")
	var value string
	var known bool
	switch {
	case name == "github.repository":
		value, known = s.repository, s.repository != ""
	case name == "github.repository_owner":
		value, known = owner, owner != ""
	case name == "github.event.repository.name":
		value, known = repository, repository != ""
	case name == "github.workspace":
		value, known = ".", true
	case context == "env":
		value, known = s.env[rest]
	case context == "inputs":
		value, known = s.inputs[rest]
	case context == "matrix":
		key, path, nested := strings.Cut(rest, ".")
		node := s.matrix[key]
		if nested {
			node = get(node, strings.Split(path, ".")...)
		}
		value, known = text(node), node != nil && node.Kind == yaml.ScalarNode
	}
	if !known {
		return unresolved
	}
	return value
}

// withEnv returns a scope with the variables of a mapping `env`.
func (s scope) withEnv(node *yaml.Node) scope {
	own := map[string]string{}
	for name, value := range settings(node) {
		if value != nil {
			if own[name] = s.evaluate(*value); strings.Contains(own[name], unresolved) {
				own[name] = unresolved
			}
		}
	}
	s.env = with(s.env, own)
	return s
}
