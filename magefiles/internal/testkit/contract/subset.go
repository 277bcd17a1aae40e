package contract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// differences lists where a part of a schema is not what the whole has: every type, field, argument, value and
// nullability of the part must be in the whole as it is. Of a field or input that is in the part, everything that a
// document must say has to be in the part too.
func differences(part, whole *ast.Schema) []string {
	var found []string
	for name, definition := range part.Types {
		if definition.BuiltIn {
			continue
		}
		other := whole.Types[name]
		if other == nil {
			found = append(found, fmt.Sprintf("type %s: GitHub has none", name))
			continue
		}
		found = append(found, compareTypes(definition, other, part)...)
	}
	slices.Sort(found)
	return found
}

func compareTypes(part, whole *ast.Definition, known *ast.Schema) []string {
	var found []string
	if part.Kind != whole.Kind {
		found = append(found, fmt.Sprintf("is %s, in GitHub %s", part.Kind, whole.Kind))
	}
	found = append(append(found, compareInterfaces(part, whole, known)...), compareValues(part.EnumValues, whole.EnumValues)...)
	for _, field := range part.Fields {
		if other := whole.Fields.ForName(field.Name); other != nil {
			found = append(found, compareFields(field, other)...)
		} else {
			found = append(found, fmt.Sprintf("has %s, in GitHub not", field.Name))
		}
	}
	for _, field := range whole.Fields {
		if whole.Kind == ast.InputObject && mustBeGiven(field.Type, field.DefaultValue) && part.Fields.ForName(field.Name) == nil {
			found = append(found, fmt.Sprintf("lacks %s, which GitHub requires", field.Name))
		}
	}
	for i := range found {
		found[i] = part.Name + ": " + found[i]
	}
	return found
}

func compareInterfaces(part, whole *ast.Definition, known *ast.Schema) (found []string) {
	for _, name := range part.Interfaces {
		if !slices.Contains(whole.Interfaces, name) {
			found = append(found, fmt.Sprintf("implements %s, in GitHub not", name))
		}
	}
	for _, name := range whole.Interfaces {
		if known.Types[name] != nil && !slices.Contains(part.Interfaces, name) {
			found = append(found, fmt.Sprintf("does not implement %s, in GitHub it does", name))
		}
	}
	return found
}

// compareValues wants every value of an enum, because an answer may have any.
func compareValues(part, whole ast.EnumValueList) (found []string) {
	for _, value := range part {
		if whole.ForName(value.Name) == nil {
			found = append(found, fmt.Sprintf("has the value %s, in GitHub not", value.Name))
		}
	}
	for _, value := range whole {
		if part.ForName(value.Name) == nil {
			found = append(found, fmt.Sprintf("lacks the value %s", value.Name))
		}
	}
	return found
}

func compareFields(part, whole *ast.FieldDefinition) []string {
	var found []string
	if part.Type.String() != whole.Type.String() {
		found = append(found, fmt.Sprintf("%s is %s, in GitHub %s", part.Name, part.Type, whole.Type))
	}
	if defaultOf(part.DefaultValue) != defaultOf(whole.DefaultValue) {
		found = append(found, fmt.Sprintf("%s defaults to %s, in GitHub to %s", part.Name, defaultOf(part.DefaultValue),
			defaultOf(whole.DefaultValue)))
	}
	for _, argument := range part.Arguments {
		at := part.Name + "(" + argument.Name + ")"
		other := whole.Arguments.ForName(argument.Name)
		switch {
		case other == nil:
			found = append(found, at+": GitHub takes no such argument")
		case argument.Type.String() != other.Type.String() || defaultOf(argument.DefaultValue) != defaultOf(other.DefaultValue):
			found = append(found, fmt.Sprintf("%s is %s = %s, in GitHub %s = %s", at, argument.Type, defaultOf(argument.DefaultValue),
				other.Type, defaultOf(other.DefaultValue)))
		}
	}
	for _, argument := range whole.Arguments {
		if mustBeGiven(argument.Type, argument.DefaultValue) && part.Arguments.ForName(argument.Name) == nil {
			found = append(found, part.Name+"("+argument.Name+") is missing, GitHub requires it")
		}
	}
	return found
}

func mustBeGiven(t *ast.Type, otherwise *ast.Value) bool { return t.NonNull && otherwise == nil }

func defaultOf(v *ast.Value) string {
	if v == nil {
		return "nothing"
	}
	return strings.TrimSpace(v.String())
}
