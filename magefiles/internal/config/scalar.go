package config

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// placeholder is what `mage init` writes where only a person knows the value: words in angle brackets.
var placeholder = regexp.MustCompile(`^<[^<>]+>$`)

// str decodes a string of the given grammar.
func (d *decoder) str(into *string, g grammar) decode {
	return func(v value) { *into, _ = d.string(v, g) }
}

// strs decodes a list of strings; with single, one string may stand without a list.
func (d *decoder) strs(into *[]string, single bool, g grammar) decode {
	return d.list(single, func(v value) {
		if s, ok := d.string(v, g); ok {
			*into = append(*into, s)
		}
	})
}

// string checks a scalar and gives its value in canonical form; it is false where that was reported as wrong.
func (d *decoder) string(v value, g grammar) (string, bool) {
	if v.shape != nil {
		v.shape.Type, v.shape.Pattern = "string", g.expression
		return "", false
	}
	if v.Kind != yaml.ScalarNode || v.ShortTag() != "!!str" {
		d.wrongType(v, "a string")
		return "", false
	}
	if strings.TrimSpace(v.Value) == "" {
		d.reportAt(v.Node, "give it a value or remove the key", "%s is empty", v.path)
		return "", false
	}
	if tokenPattern.MatchString(v.Value) { // reported already
		return "", false
	}
	if placeholder.MatchString(v.Value) {
		d.reportAt(v.Node, "write "+v.Value[1:len(v.Value)-1], "%s is still to be filled in", v.path)
		return "", false
	}
	s, flaw := g.check(v.Value)
	if flaw != nil {
		d.reportAt(v.Node, flaw.remedy, "%s %s", v.path, flaw.what)
		return "", false
	}
	return s, true
}

// literal decodes a string, number or boolean as it is written: 1.20 stays "1.20". It may be empty.
func (d *decoder) literal(v value) (string, bool) {
	if v.shape != nil {
		v.shape.Type = []string{"string", "number", "boolean"}
		return "", false
	}
	if v.Kind == yaml.ScalarNode {
		switch v.ShortTag() {
		case "!!str", "!!int", "!!float", "!!bool", "!!timestamp":
			return v.Value, !tokenPattern.MatchString(v.Value)
		}
	}
	d.wrongType(v, "a string")
	return "", false
}

// boolean decodes true or false.
func (d *decoder) boolean(into *bool) decode {
	return func(v value) {
		if v.shape != nil {
			v.shape.Type = "boolean"
			return
		}
		if v.Kind != yaml.ScalarNode || v.ShortTag() != "!!bool" {
			d.wrongType(v, "true or false")
			return
		}
		*into = strings.EqualFold(v.Value, "true")
	}
}

// version decodes the version of the file's format.
func (d *decoder) version(into *int) decode {
	return func(v value) {
		switch {
		case v.shape != nil:
			v.shape.Const = 1
		case v.Kind != yaml.ScalarNode || v.ShortTag() != "!!int":
			d.wrongType(v, "the number 1")
		case v.Value != "1":
			d.reportAt(v.Node, "write `version: 1`; if the file is newer than the submodule, update the submodule: mage update",
				"version %s of the file's format is not known here", v.Value)
		default:
			*into = 1
		}
	}
}

func (d *decoder) wrongType(v value, want string) {
	path := v.path
	if path == "" {
		path = "the file"
	}
	d.reportAt(v.Node, d.typeRemedy(v, want), "%s must be %s, not %s", path, want, kind(v.Node))
}

// typeRemedy shows how to turn a value into the wanted type, where that is a matter of spelling.
func (d *decoder) typeRemedy(v value, want string) string {
	switch {
	case v.Kind == yaml.MappingNode && strings.HasPrefix(d.after(v.Node), "{{"):
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

// after is the rest of the source line from where a node starts.
func (d *decoder) after(n *yaml.Node) string {
	line := []rune(d.text.lines[n.Line-1])
	return string(line[min(n.Column-1, len(line)):])
}

// kind names what a node is for people.
func kind(n *yaml.Node) string {
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
