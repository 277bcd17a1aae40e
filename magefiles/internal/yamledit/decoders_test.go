package yamledit_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	goccy "github.com/goccy/go-yaml"
	yaml "go.yaml.in/yaml/v4"
)

// decoder is a YAML library and what it makes of the original file.
type decoder struct {
	name   string
	decode func(doc []byte) ([]any, error)
	docs   []any
}

// decoders are two libraries with nothing in common, as far as they can read doc at all: some files have a key twice.
func decoders(t *testing.T, doc []byte) []decoder {
	t.Helper()
	var able []decoder
	for _, d := range []decoder{{name: "goccy/go-yaml", decode: decodeGoccy}, {name: "go.yaml.in/yaml/v4", decode: decodeV4}} {
		var err error
		if d.docs, err = d.decode(doc); err != nil {
			t.Logf("%s cannot read the original file: %v", d.name, firstLineOf(err))
			continue
		}
		able = append(able, d)
	}
	return able
}

func firstLineOf(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

func decodeGoccy(doc []byte) ([]any, error) {
	decoder := goccy.NewDecoder(bytes.NewReader(doc))
	return decodeAll(decoder.Decode)
}

func decodeV4(doc []byte) ([]any, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(doc))
	return decodeAll(decoder.Decode)
}

func decodeAll(next func(any) error) (docs []any, err error) {
	for {
		var doc any
		if err := next(&doc); errors.Is(err, io.EOF) {
			return docs, nil
		} else if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
}

// check decodes edited and compares: the scalar has the value, and everything else is unchanged.
func (d decoder) check(t *testing.T, edited []byte, s scalar, value string) {
	t.Helper()
	docs, err := d.decode(edited)
	if err != nil {
		t.Errorf("line %d: %s cannot read the edited file: %v", s.node.Line, d.name, err)
		return
	}
	if got := at(docs[s.document], s.path); got != value {
		t.Errorf("line %d: %s reads %v", s.node.Line, d.name, got)
	}
	put(docs[s.document], s.path, at(d.docs[s.document], s.path))
	if !reflect.DeepEqual(docs, d.docs) {
		t.Errorf("line %d: %s reads another file", s.node.Line, d.name)
	}
}

func at(doc any, path []any) any {
	for _, step := range path {
		switch step := step.(type) {
		case int:
			doc = doc.([]any)[step]
		case string:
			doc = doc.(map[string]any)[step]
		}
	}
	return doc
}

func put(doc any, path []any, value any) {
	last := len(path) - 1
	switch parent := at(doc, path[:last]).(type) {
	case []any:
		parent[path[last].(int)] = value
	case map[string]any:
		parent[path[last].(string)] = value
	}
}
