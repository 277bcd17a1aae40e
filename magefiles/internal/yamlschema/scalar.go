package yamlschema

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// placeholder matches the text that `mage init` writes where only a person knows the value: words in angle brackets.
var placeholder = regexp.MustCompile(`^<[^<>]+>$`)

// String decodes a string of the given grammar.
func (d *Decoder) String(into *string, g Grammar) Decode {
	return func(v Value) { *into, _ = d.StringValue(v, g) }
}

// Parsed decodes a string into a value of the type that its grammar has.
func Parsed[T any](d *Decoder, into *T, g Typed[T]) Decode {
	return func(v Value) {
		d.StringValue(v, Grammar{g.Expression, func(s string) (string, *Flaw) {
			value, flaw := g.Parse(s)
			*into = value
			return s, flaw
		}})
	}
}

// Strings decodes a list of strings; with single, one string may stand without a list.
func (d *Decoder) Strings(into *[]string, single bool, g Grammar) Decode {
	return d.List(single, func(v Value) {
		if s, ok := d.StringValue(v, g); ok {
			*into = append(*into, s)
		}
	})
}

// StringValue checks a scalar and returns its value in canonical form; it is false where that was reported as wrong.
func (d *Decoder) StringValue(v Value, g Grammar) (string, bool) {
	if v.Shape != nil {
		v.Shape.Type, v.Shape.Pattern = "string", g.Expression
		return "", false
	}
	if v.Kind != yaml.ScalarNode || v.ShortTag() != "!!str" {
		d.WrongType(v, "a string")
		return "", false
	}
	if strings.TrimSpace(v.Value) == "" {
		d.ReportAt(v.Node, "give it a value or remove the key", "%s is empty", v.Path)
		return "", false
	}
	if tokenPattern.MatchString(v.Value) { // reported already
		return "", false
	}
	if d.Unfilled(v.Node, v.Path) {
		return "", false
	}
	s, flaw := g.Check(v.Value)
	if flaw != nil {
		d.ReportAt(v.Node, flaw.Remedy, "%s %s", v.Path, flaw.What)
		return "", false
	}
	return s, true
}

// Unfilled reports a scalar in which `mage init` has left what only a person knows, and whether it is one.
func (d *Decoder) Unfilled(node *yaml.Node, path string) bool {
	if node.Kind != yaml.ScalarNode || !placeholder.MatchString(node.Value) {
		return false
	}
	d.ReportAt(node, "write "+node.Value[1:len(node.Value)-1], "%s is still to be filled in", path)
	return true
}

// Literal decodes a string, number or boolean as it is written: 1.20 stays "1.20". It may be empty.
func (d *Decoder) Literal(v Value) (string, bool) {
	if v.Shape != nil {
		v.Shape.Type = []string{"string", "number", "boolean"}
		return "", false
	}
	if v.Kind == yaml.ScalarNode {
		switch v.ShortTag() {
		case "!!str", "!!int", "!!float", "!!bool", "!!timestamp":
			return v.Value, !tokenPattern.MatchString(v.Value)
		}
	}
	d.WrongType(v, "a string")
	return "", false
}

// Bool decodes true or false.
func (d *Decoder) Bool(into *bool) Decode {
	return func(v Value) {
		if v.Shape != nil {
			v.Shape.Type = "boolean"
			return
		}
		if v.Kind != yaml.ScalarNode || v.ShortTag() != "!!bool" {
			d.WrongType(v, "true or false")
			return
		}
		*into = strings.EqualFold(v.Value, "true")
	}
}

// WrongType reports that a value is of another type than the wanted one.
func (d *Decoder) WrongType(v Value, want string) {
	path := v.Path
	if path == "" {
		path = "the file"
	}
	d.ReportAt(v.Node, d.text.typeRemedy(v, want), "%s must be %s, not %s", path, want, nodeKind(v.Node))
}

// typeRemedy shows how to turn a value into the wanted type, where that is a matter of spelling.
func (t *Text) typeRemedy(v Value, want string) string {
	switch {
	case v.Kind == yaml.MappingNode && strings.HasPrefix(t.restOfLine(v.Node), "{{"):
		return quoteTemplate
	case want == "true or false":
		return "write true or false, without quotes"
	case v.Kind == yaml.SequenceNode && want == "a string":
		return "give one value instead of the list"
	case v.Kind == yaml.ScalarNode && want == "a list":
		return fmt.Sprintf("write it as a list: [%s]", v.Value)
	case v.Kind == yaml.ScalarNode && want == "a string" && strings.HasPrefix(v.ShortTag(), "!!"):
		return fmt.Sprintf("quote it: %q", v.Value)
	case v.Kind == yaml.ScalarNode && want == "a string":
		return "remove the type"
	default:
		return ""
	}
}

// restOfLine is the rest of the source line from where a node starts.
func (t *Text) restOfLine(n *yaml.Node) string {
	line := []rune(t.lines[n.Line-1])
	return string(line[min(n.Column-1, len(line)):])
}

// nodeKind names what a node is for people.
func nodeKind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch tag := n.ShortTag(); tag {
	case "!!str":
		return "a string"
	case "!!int", "!!float":
		return "the number " + n.Value
	case "!!bool":
		return "the boolean " + n.Value
	case "!!null":
		return "nothing"
	case "!!timestamp":
		return "the date " + n.Value
	default:
		return "a value of type " + tag
	}
}
