package source_test

import (
	"fmt"
	"testing"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
)

// lineBreaks are all that the YAML reader ends lines with.
var lineBreaks = map[string]string{"LF": "\n", "CRLF": "\r\n", "CR": "\r"}

// read returns a text and the root of its first document.
func read(t *testing.T, doc string) (*source.Text, *yaml.Node) {
	t.Helper()
	text, err := source.New([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return text, rootOf(t, doc)
}

func rootOf(t *testing.T, doc string) *yaml.Node {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(doc), &n); err != nil {
		t.Fatalf("%q: %v", doc, err)
	}
	return n.Content[0]
}

// valueOf returns the value of a key of a map.
func valueOf(t *testing.T, n *yaml.Node, key string) *yaml.Node {
	t.Helper()
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	t.Fatalf("no key %q", key)
	return nil
}

// scalars are all scalars of a tree in the order of the text, keys too.
func scalars(n *yaml.Node) (all []*yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		all = append(all, n)
	}
	for _, child := range n.Content {
		all = append(all, scalars(child)...)
	}
	return all
}

// outline is what a tree reads as: kinds, tags, values and anchors.
func outline(n *yaml.Node) []string {
	all := []string{fmt.Sprintf("%d %s %q %s", n.Kind, n.ShortTag(), n.Value, n.Anchor)}
	for _, child := range n.Content {
		all = append(all, outline(child)...)
	}
	return all
}
