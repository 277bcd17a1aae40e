package source_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
)

// TestAnInsertedKeyStandsBelowTheLast puts a key into maps whose last entry is of every kind, with every line break, in front of
// whatever follows: the map has one more entry, and every byte of before is there.
func TestAnInsertedKeyStandsBelowTheLast(t *testing.T) {
	for _, last := range []string{
		"b", "'b'", "\"b\"", "", "~", "1", "b # note", "{}", "[]", "{c: d}", "[c, d] # note", "{c: [d, {e: f}]} # note",
		"{c: d,\n    }", "[\n    c, # note\n    d\n  ]",
		"{c: }", "&x", "&x b", "!!str b", "*z", "&x {}", "|\n    b\n", "|-\n    b", ">-\n    b\n    c", "[\n    c # note\n  ]",
		"\n    c: d", "\n    - c\n    - d",
		"\n    c:\n      d: [e]", "\n    c: |\n      d\n", "one\n    two", "'one\n    two'",
	} {
		for _, below := range []string{"", "\n", "\n# note\n", "\n  # note\n\n", "\nn: m\n", "\n\nn: m\n"} {
			for name, lineBreak := range lineBreaks {
				doc := strings.ReplaceAll("z: &z 1\nm:\n  k: v\n  l: "+last+below, "\n", lineBreak)
				text, root := read(t, doc)
				parent := valueOf(t, root, "m")
				r, line, err := text.Insert(parent, "new", "1.10")
				if err != nil {
					t.Errorf("%s: %q: %v", name, doc, err)
					continue
				}
				edited := string(source.Splice([]byte(doc), []source.Replacement{r}))
				after := rootOf(t, edited)
				changed := valueOf(t, after, "m")
				if got := valueOf(t, changed, "new"); got.Value != "1.10" || got.ShortTag() != source.StringTag || got.Line != line {
					t.Errorf("%s: %q became %q, where line %d has %s %q, not line %d", name, doc, edited, got.Line, got.ShortTag(), got.Value, line)
				}
				changed.Content = changed.Content[:len(changed.Content)-2]
				if r.Start != r.End || !slices.Equal(outline(after), outline(root)) {
					t.Errorf("%s: %q became %q", name, doc, edited)
				}
			}
		}
	}
}

// TestAnInsertedKeyIsWrittenAsItsNeighbours takes quotes and indentation from the map.
func TestAnInsertedKeyIsWrittenAsItsNeighbours(t *testing.T) {
	for doc, want := range map[string]string{
		"m:\n  k: v\n":               "m:\n  k: v\n  new: v1\n",
		"m:\n    'k': \"v\"\n":       "m:\n    'k': \"v\"\n    'new': \"v1\"\n",
		"m:\n  k: 'v'\n  \"l\": 1\n": "m:\n  k: 'v'\n  \"l\": 1\n  new: 'v1'\n",
		"m:\n  \"k\": 1\n  l: 'v'":   "m:\n  \"k\": 1\n  l: 'v'\n  \"new\": 'v1'",
		"m:\r\n  k: v":               "m:\r\n  k: v\r\n  new: v1",
	} {
		text, root := read(t, doc)
		r, _, err := text.Insert(valueOf(t, root, "m"), "new", "v1")
		if got := string(source.Splice([]byte(doc), []source.Replacement{r})); err != nil || got != want {
			t.Errorf("%q became %q, want %q: %v", doc, got, want, err)
		}
	}
}

// TestAMapWithoutACertainEndGetsNoKey has maps of which the last entry is not written, or not in a way that is understood.
func TestAMapWithoutACertainEndGetsNoKey(t *testing.T) {
	for _, last := range []string{"|\n", "|2\n     b\n", "\n    c: >2-\n        d\n", "\n  - c\n  -\n", "{{ .Values.x }}\n"} {
		for name, lineBreak := range lineBreaks {
			doc := strings.ReplaceAll("m:\n  k: v\n  l: "+last, "\n", lineBreak)
			text, root := read(t, doc)
			if r, _, err := text.Insert(valueOf(t, root, "m"), "new", "v1"); err == nil {
				t.Errorf("%s: %q gets %+v", name, doc, r)
			}
		}
	}
}
