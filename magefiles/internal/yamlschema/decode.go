// Package yamlschema decodes a YAML file by a schema that is Go code: it is strict, collects every mistake with its place and what
// to do, and the same code describes itself as a JSON schema for editors.
package yamlschema

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Format holds the texts about a decoder's file, for messages.
type Format struct {
	Renames       []Rename
	EmptyRemedy   string                        // of a file with nothing in it
	SecretRemedy  string                        // wherever a secret stands in the file
	MissingRemedy func(key string) string       // of a missing key
	NoValueRemedy func(path, key string) string // of a key without a value; "" where there is no better one
}

// Decoder walks a document along its schema and collects every mistake on the way.
type Decoder struct {
	format   Format
	data     []byte
	text     *Text
	problems Problems

	definitions properties // of a schema
}

// New returns a decoder of data, which is UTF-8 without a byte order mark and with any line ends; path is only named in messages.
func New(path string, data []byte, f Format) *Decoder {
	return &Decoder{format: f, data: data, text: newText(path, data)}
}

// Root parses the document. Its error is a problem of the file's syntax, with what looks like a credential in it.
func (d *Decoder) Root() (Value, error) {
	d.reportTokens()
	root, syntax := d.text.parseDocument(d.data, d.format.EmptyRemedy)
	if syntax != nil {
		d.problems = append(d.problems, syntax)
		return Value{}, d.Err()
	}
	d.reportHiddenTokens(root)
	return Value{Node: resolveAlias(root)}, nil
}

// Text is the file, for pointing at places in it.
func (d *Decoder) Text() *Text { return d.text }

// Count returns the number of mistakes found so far.
func (d *Decoder) Count() int { return len(d.problems) }

// Err is the mistakes that were found: a problem.Problem or Problems, nil where there are none.
func (d *Decoder) Err() error { return d.problems.sortedError() }

// Value is a node with its path from the root, as messages name it; the root's is "".
type Value struct {
	*yaml.Node
	Path  string
	Shape *Shape // filled in with what the value may be, where a schema is wanted; nil where a file is decoded
}

// Decode stores a value of the file, or reports why it cannot.
type Decode func(Value)

// Field is a key that a mapping may have. Editors show its text and preset, so the constructors require them.
type Field struct {
	key      string
	text     string // what it says, with its unit
	preset   string // what holds where it is left out, in words; the word itself for a choice
	required bool
	refused  bool // known only to say why it is wrong
	decode   Decode
}

// Required is a field that no mapping may lack.
func Required(key, text string, decode Decode) Field {
	return Field{key: key, text: text, required: true, decode: decode}
}

// Optional is a field with what holds where it is left out.
func Optional(key, text, preset string, decode Decode) Field {
	return Field{key: key, text: text, preset: preset, decode: decode}
}

// Refused is a key that is known only to say why it is wrong.
func Refused(key string, decode Decode) Field { return Field{key: key, refused: true, decode: decode} }

// Report adds a problem, once: a mistake behind an anchor is met again at each of its aliases.
func (d *Decoder) Report(line, column int, remedy, format string, args ...any) {
	p := d.text.problemAt(line, column, remedy, format, args...)
	if !slices.ContainsFunc(d.problems, func(other *problem.Problem) bool {
		return other.Place == p.Place && other.Remedy == p.Remedy
	}) {
		d.problems = append(d.problems, p)
	}
}

// ReportAt is Report at a node.
func (d *Decoder) ReportAt(n *yaml.Node, remedy, format string, args ...any) {
	d.Report(n.Line, n.Column, remedy, format, args...)
}

// inMapping names the mapping at path in a message.
func inMapping(path string) string {
	if path == "" {
		return ""
	}
	return " in " + path
}

func (v Value) childValue(key string, n *yaml.Node) Value {
	if v.Path == "" {
		return Value{Node: n, Path: key}
	}
	return Value{Node: n, Path: v.Path + "." + key}
}

func (v Value) itemValue(i int, n *yaml.Node) Value {
	return Value{Node: n, Path: fmt.Sprintf("%s[%d]", v.Path, i)}
}
