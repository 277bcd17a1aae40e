package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// decoder walks the document along the schema and collects every mistake on the way.
type decoder struct {
	text      *text
	renames   []rename
	problems  Problems
	imageless []*yaml.Node // the keys of components without an image of their own

	definitions properties // of a schema
}

// value is a node with its path from the root, as messages name it; the root's is "".
type value struct {
	*yaml.Node
	path  string
	shape *shape // filled in with what the value may be, where a schema is wanted; nil where a file is decoded
}

// decode stores a value of the file, or reports why it cannot.
type decode func(value)

// field is a key that a mapping may have. Its text and preset are what editors show: no key can do without.
type field struct {
	key      string
	text     string // what it says, with its unit
	preset   string // what holds where it is left out, in words; the word itself for a choice
	required bool
	refused  bool // known only to say why it is wrong
	decode   decode
}

func required(key, text string, decode decode) field {
	return field{key: key, text: text, required: true, decode: decode}
}

func optional(key, text, preset string, decode decode) field {
	return field{key: key, text: text, preset: preset, decode: decode}
}

func refused(key string, decode decode) field { return field{key: key, refused: true, decode: decode} }

// report adds a problem, once: a mistake behind an anchor is met again at each of its aliases.
func (d *decoder) report(line, column int, remedy, format string, args ...any) {
	p := d.text.problem(line, column, remedy, format, args...)
	if !slices.ContainsFunc(d.problems, func(other *problem.Problem) bool {
		return other.Place == p.Place && other.Remedy == p.Remedy
	}) {
		d.problems = append(d.problems, p)
	}
}

func (d *decoder) reportAt(n *yaml.Node, remedy, format string, args ...any) {
	d.report(n.Line, n.Column, remedy, format, args...)
}

// in names the mapping at path in a message.
func in(path string) string {
	if path == "" {
		return ""
	}
	return " in " + path
}

func (v value) child(key string, n *yaml.Node) value {
	if v.path == "" {
		return value{Node: n, path: key}
	}
	return value{Node: n, path: v.path + "." + key}
}

func (v value) item(i int, n *yaml.Node) value {
	return value{Node: n, path: fmt.Sprintf("%s[%d]", v.path, i)}
}

// mapping decodes a mapping whose keys are fields, and gives the keys that it has; nil where v is no mapping. A missing
// key is reported at the node `at`.
func (d *decoder) mapping(at *yaml.Node, v value, fields ...field) map[string]bool {
	if v.shape != nil {
		d.describeMapping(v, fields)
		return nil
	}
	entries, ok := d.entries(v)
	if !ok {
		return nil
	}
	var names []string
	for _, f := range fields {
		if !f.refused {
			names = append(names, f.key)
		}
	}
	seen := map[string]bool{}
	for _, e := range entries {
		seen[e.name] = true
		if i := slices.IndexFunc(fields, func(f field) bool { return f.key == e.name }); i < 0 {
			seen[nearest(e.name, names)] = true // so that a mistyped key is not missing as well
			d.reportAt(e.key, cmp.Or(successor(d.renames, v.path, e.name), suggest(e.name, "known keys", names)), "unknown key %q%s", e.name, in(v.path))
		} else if child := v.child(e.name, e.value); d.present(e.key, child) {
			fields[i].decode(child)
		}
	}
	for _, f := range fields {
		if f.required && !seen[f.key] {
			d.reportMissing(at, f.key, v.path)
		}
	}
	return seen
}

func (d *decoder) reportMissing(at *yaml.Node, key, path string) {
	d.reportAt(at, missingRemedy(key), "missing key %q%s", key, in(path))
}

// present refuses a key without a value, which YAML reads as null.
func (d *decoder) present(key *yaml.Node, v value) bool {
	if v.Kind != yaml.ScalarNode || v.ShortTag() != "!!null" {
		return true
	}
	remedy := "give it a value or remove the key"
	if strings.HasPrefix(v.path, "components.") && strings.Count(v.path, ".") == 1 {
		remedy = fmt.Sprintf("write `%s: {}` for a component with all defaults", key.Value)
	}
	d.reportAt(key, remedy, "%s has no value", v.path)
	return false
}

// named decodes a mapping whose keys the user chooses, at least one, in the order of the file.
func (d *decoder) named(each func(key *yaml.Node, v value)) decode {
	return func(v value) {
		if v.shape != nil {
			d.describeNamed(v, each)
			return
		}
		entries, ok := d.entries(v)
		if ok && len(entries) == 0 {
			d.reportAt(v.Node, "name at least one", "%s is empty", v.path)
		}
		for _, e := range entries {
			if child := v.child(e.name, e.value); d.present(e.key, child) {
				each(e.key, child)
			}
		}
	}
}

// list decodes each item of a list that is not empty; with single, one item may stand without a list.
func (d *decoder) list(single bool, each decode) decode {
	return func(v value) {
		switch {
		case v.shape != nil:
			d.describeList(v, single, each)
		case v.Kind != yaml.SequenceNode && single:
			each(v)
		case v.Kind != yaml.SequenceNode:
			d.wrongType(v, "a list")
		case len(v.Content) == 0:
			d.reportAt(v.Node, "give it a value or remove the key", "%s is empty", v.path)
		default:
			for i, n := range v.Content {
				if item := v.item(i, resolve(n)); d.present(item.Node, item) {
					each(item)
				}
			}
		}
	}
}
