package source_test

import (
	"slices"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
)

// FuzzScalar puts a new string over each plain and quoted scalar of a file: the file reads as before, but for that one.
func FuzzScalar(f *testing.F) {
	for _, doc := range []string{
		"a: b # c\nd: 'it''s' # 'e'\nf: \"g\\\"h\\\\\" # \"\n", "plain: one\n  two\n\n  three # c\nsingle: 'a\n\n  b'\ndouble: \"a \\\n  b\"\n",
		"a: &x b\nc: !!str d\ne: !t &y\n  # note\n  f\n'g': &z 'h'\n", "{a: b, \"c\": 'd', e: [f, g  , \"h\"], ? i : j}\n",
		"- a\n- - b\n  - c d\n- {}\n",
		"\uFEFF한: 글 # 🚀\n🚀: 'x'\n", "a: 1\nb: true\nc: 2024-01-01\nd: 0x1f\ne: ~\n", "? a\n: b\n? c d\n: e\n",
		"a: -b\nc: ?d\ne: :f\ng: h#i\nj: k:l\n",
	} {
		for name, lineBreak := range lineBreaks {
			if name == "LF" || !strings.Contains(doc, "\n\n") { // what a folded CRLF reads as is the library's own
				f.Add(strings.ReplaceAll(doc, "\n", lineBreak))
			}
		}
	}
	f.Fuzz(func(t *testing.T, doc string) {
		text, err := source.New([]byte(doc))
		var root yaml.Node
		if strings.Contains(doc, "\t") { // the YAML library reads some of them behind plain text only
			return
		}
		if err != nil || yaml.Unmarshal([]byte(doc), &root) != nil {
			return
		}
		before := outline(&root)
		for i, n := range scalars(&root) {
			span, err := text.Scalar(n)
			if err != nil || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
				continue
			}
			edited := source.Splice([]byte(doc), []source.Replacement{{Span: span, Text: `"new"`}})
			var after yaml.Node
			if err := yaml.Unmarshal(edited, &after); err != nil {
				t.Fatalf("%q became %q: %v", doc, edited, err)
			}
			if found := scalars(&after); len(found) <= i || found[i].Value != "new" {
				t.Fatalf("%q became %q, without the new value in place %d", doc, edited, i)
			}
			scalars(&after)[i].Value, scalars(&after)[i].Tag, scalars(&after)[i].Style = n.Value, n.Tag, n.Style
			if now := outline(&after); !slices.Equal(now, before) {
				t.Errorf("%q became %q: %q, want %q", doc, edited, now, before)
			}
		}
	})
}

// TestEveryScalarThatIsWrittenIsFound names the text of each scalar of a file.
func TestEveryScalarThatIsWrittenIsFound(t *testing.T) {
	for doc, want := range map[string][]string{
		"a: b c # d\n'e': 'it''s'\n\"f\": \"g\\\"\"":    {"a", "b c", "'e'", "'it''s'", `"f"`, `"g\""`},
		"a: one\n  two\n\n  three\n\n\n  four # c":      {"a", "one\n  two\n\n  three\n\n\n  four"},
		"a: &x !!str b\n&y c: !t\n  # note\n  &z 'd'\n": {"a", "b", "c", "'d'"},
		"[a,  b , 'c', \"d\n  e\"]":                     {"a", "b", "'c'", "\"d\n  e\""},
		"a: |- # note\n  b\nc: >+\n  d\n":               {"a", "|- # note", "c", ">+"},
		"a: &x |\n  b\n":                                {"a", "|"},
		"\uFEFF한: {글: 🚀, 나: 다}":                         {"한", "글", "🚀", "나", "다"},
		"a: one\r\n  two\r\nb: 'c\r\n  d'\r\n":          {"a", "one\r\n  two", "b", "'c\r\n  d'"},
	} {
		text, root := read(t, doc)
		var found []string
		for _, n := range scalars(root) {
			span, err := text.Scalar(n)
			if err != nil {
				t.Errorf("%q, %q: %v", doc, n.Value, err)
				continue
			}
			found = append(found, doc[span.Start:span.End])
		}
		if !slices.Equal(found, want) {
			t.Errorf("%q has %q, want %q", doc, found, want)
		}
	}
}

// TestAScalarThatIsNotWrittenIsNotFound asks for values that the text does not have at their position.
func TestAScalarThatIsNotWrittenIsNotFound(t *testing.T) {
	text, root := read(t, "a:\nb: c\nd: 'e'\n")
	for _, n := range []*yaml.Node{
		valueOf(t, root, "a"),
		{Kind: yaml.ScalarNode, Line: 2, Column: 4, Value: "other"},
		{Kind: yaml.ScalarNode, Line: 2, Column: 4, Value: "c e"},
		{Kind: yaml.ScalarNode, Line: 2, Column: 4, Value: "c", Style: yaml.DoubleQuotedStyle},
		{Kind: yaml.ScalarNode, Line: 2, Column: 4, Value: "c", Style: yaml.SingleQuotedStyle},
		{Kind: yaml.ScalarNode, Line: 3, Column: 4, Value: "e", Style: yaml.DoubleQuotedStyle},
		{Kind: yaml.ScalarNode, Line: 3, Column: 6, Value: "x", Style: yaml.SingleQuotedStyle},
	} {
		if span, err := text.Scalar(n); err == nil {
			t.Errorf("%+v is at %v", n, span)
		}
	}
}
