package source_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
)

// TestAPlacePointsAtTheValueOrItsKey shows what a reader of a message sees of each kind of value.
func TestAPlacePointsAtTheValueOrItsKey(t *testing.T) {
	for doc, want := range map[string]problem.Place{
		"a: text":            {Line: 1, Column: 4, Snippet: "  > 1 | a: (4 characters)"},
		"a: 12 # note":       {Line: 1, Column: 4, Snippet: "  > 1 | a: 12"},
		"a: true":            {Line: 1, Column: 4, Snippet: "  > 1 | a: true"},
		"'a': !vault x":      {Line: 1, Column: 6, Snippet: "  > 1 | 'a': !vault (1 character)"},
		"a: !!int \"12\"":    {Line: 1, Column: 4, Snippet: "  > 1 | a: !!int (2 characters)"},
		"a: {{ .Values.b }}": {Line: 1, Column: 4, Snippet: "  > 1 | a: {{ .Values.b }}"},
		"a: {b: c}":          {Line: 1, Column: 4, Snippet: "  > 1 | a:"},
		"a:\n  b: c":         {Line: 2, Column: 3},
		"a: &x\n  text":      {Line: 1, Column: 4, Snippet: "  > 1 | a: (4 characters)"},
		"x: &x y\na: *x":     {Line: 2, Column: 4, Snippet: "  > 2 | a: *x"},
		"a: |\n  text":       {Line: 1, Column: 4, Snippet: "  > 1 | a: (4 characters)"},
	} {
		text, root := read(t, doc)
		key := root.Content[len(root.Content)-2]
		if got := text.Place(key, root.Content[len(root.Content)-1]); got != want {
			t.Errorf("%q: %+v, want %+v", doc, got, want)
		}
		of := text.Place(key, nil)
		if of.Line != key.Line || of.Column != key.Column || strings.HasSuffix(of.Snippet, ":") {
			t.Errorf("%q: the key is %+v", doc, of)
		}
		if collection := text.PlaceOfCollection(key, root); collection != of {
			t.Errorf("%q: the collection is %+v, want %+v", doc, collection, of)
		}
		if whole := text.PlaceOfCollection(nil, root); whole != (problem.Place{Line: 1, Column: 1}) {
			t.Errorf("%q: the root is %+v", doc, whole)
		}
		if none := text.Place(nil, nil); none != (problem.Place{}) {
			t.Errorf("%q: nothing is %+v", doc, none)
		}
	}
}

// TestASnippetIsShort points at keys that no terminal shows in a line.
func TestASnippetIsShort(t *testing.T) {
	for _, key := range []string{strings.Repeat("k", 120), strings.Repeat("k", 121), strings.Repeat("한", 500)} {
		text, root := read(t, "? "+key+"\n: 1\n")
		snippet := text.Place(root.Content[0], nil).Snippet
		shown := strings.TrimPrefix(snippet, "  > 1 | ")
		cut := strings.TrimSuffix(shown, "…")
		if utf8.RuneCountInString(cut) > 120 || !strings.HasPrefix(key, cut) || (cut == key) != (shown == cut) {
			t.Errorf("%q is shown as %q", key, shown)
		}
	}
	text, root := read(t, "? 'one\n  two'\n: 1\n")
	if got := text.Place(root.Content[0], nil).Snippet; got != "  > 1 | 'one" {
		t.Errorf("a key of two lines is shown as %q", got)
	}
}

// everyPlace has the snippets of each entry of a tree, and of each node alone that is no key: a key is a name.
func everyPlace(text *source.Text, n *yaml.Node) []string {
	all := []string{text.Place(nil, n).Snippet, text.PlaceOfCollection(nil, n).Snippet}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			all = append(all, text.Place(child, n.Content[i+1]).Snippet, text.PlaceOfCollection(child, n.Content[i+1]).Snippet)
			continue
		}
		all = append(all, everyPlace(text, child)...)
	}
	return all
}
