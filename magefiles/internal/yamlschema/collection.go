package yamlschema

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Choice decodes one of several words.
func Choice[T ~string](d *Decoder, into *T, words ...T) Decode {
	names := make([]string, len(words))
	for i, w := range words {
		names[i] = string(w)
	}
	known := func(s string) (string, *Flaw) {
		if slices.Contains(names, s) {
			return s, nil
		}
		return "", Flawf(Suggest(s, "values", names), "is %q, which is none of %s", s, strings.Join(names, ", "))
	}
	return func(v Value) {
		if v.Shape != nil {
			v.Shape.describeChoice(names)
			return
		}
		text, _ := d.StringValue(v, Grammar{Check: known})
		*into = T(text)
	}
}

// Literals decodes a mapping from keys of the given grammar to what is written.
func (d *Decoder) Literals(into *map[string]string, g Grammar) Decode {
	return func(v Value) {
		*into = map[string]string{}
		d.Named(func(key *yaml.Node, v Value) {
			name := d.Key(key, v, g)
			if text, ok := d.Literal(v); ok {
				(*into)[name] = text
			}
		})(v)
	}
}

// Pairs decodes a mapping whose keys and values have grammars of their own.
func (d *Decoder) Pairs(into *map[string]string, key, item Grammar) Decode {
	return func(v Value) {
		*into = map[string]string{}
		d.Named(func(node *yaml.Node, v Value) {
			name := d.Key(node, v, key)
			if text, ok := d.StringValue(v, item); ok {
				(*into)[name] = text
			}
		})(v)
	}
}

// Key checks a key that the user chooses.
func (d *Decoder) Key(key *yaml.Node, v Value, g Grammar) string {
	if v.Shape != nil {
		v.Shape.names = g.Expression
		return ""
	}
	if _, flaw := g.Check(key.Value); flaw != nil {
		d.ReportAt(key, flaw.Remedy, "%s %s", v.Path, flaw.What)
	}
	return key.Value
}

// Find returns where text stands in the source of a scalar; where escapes or folding hide it, it is the scalar's start.
func (t *Text) Find(v Value, text string) (line, column int) {
	first := t.restOfLine(v.Node)
	if before, _, ok := strings.Cut(first, text); ok {
		return v.Line, v.Column + utf8.RuneCountInString(before)
	}
	last := min(v.Line+strings.Count(v.Value, "\n")+1, len(t.lines))
	for n := v.Line + 1; n <= last; n++ {
		if before, _, ok := strings.Cut(t.lines[n-1], text); ok {
			return n, utf8.RuneCountInString(before) + 1
		}
	}
	return v.Line, v.Column
}
