package source_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
)

// TestABlockScalarReadsAsItsNewValue sets literal and folded scalars with every chomping, content, place and line break: the
// value reads as the new one without a line break behind it, and the rest as before.
func TestABlockScalarReadsAsItsNewValue(t *testing.T) {
	contents := []string{"old", "old\n  two", "old\n    two\n\n  three", "\n\n  old", "old\n", "old\n\n", "old\n   ", "# old", "old  "}
	for _, header := range []string{"|", "|-", "|+", ">", ">-", ">+", "| # note", ">- # note", "&x |", "!!str |+"} {
		for _, content := range contents {
			for _, below := range []string{"", "\n", "\nb: c\n", "\n# note\nb: c\n", "\n---\nb: c\n"} {
				for name, lineBreak := range lineBreaks {
					doc := strings.ReplaceAll("z: 1\na: "+header+"\n  "+content+below, "\n", lineBreak)
					text, root := read(t, doc)
					span, err := text.Scalar(valueOf(t, root, "a"))
					if err != nil {
						t.Fatalf("%q: %v", doc, err)
					}
					for _, value := range []string{"new", "a: b", "# c", "'d", "-"} {
						replacements, err := text.ReplaceBlock(span.Start, value)
						if err != nil {
							t.Fatalf("%q: %v", doc, err)
						}
						edited := string(source.Splice([]byte(doc), replacements))
						after := rootOf(t, edited)
						if got := valueOf(t, after, "a"); got.Value != value {
							t.Errorf("%s: %q became %q, which reads as %q", name, doc, edited, got.Value)
						}
						valueOf(t, after, "a").Value = valueOf(t, root, "a").Value
						if !slices.Equal(outline(after), outline(root)) {
							t.Errorf("%s: %q became %q", name, doc, edited)
						}
						if kept := strings.ReplaceAll(below, "\n", lineBreak); !strings.HasSuffix(edited, kept) {
							t.Errorf("%s: %q became %q, without %q below", name, doc, edited, kept)
						}
					}
				}
			}
		}
	}
}

// TestABlockScalarThatCannotHoldAValueIsRefused has values that would read as others, and blocks without a first line.
func TestABlockScalarThatCannotHoldAValueIsRefused(t *testing.T) {
	for _, c := range []struct{ doc, value, want string }{
		{"a: |\n  b\n", " new", "would not stay"},
		{"a: |\n  b\n", "new ", "would not stay"},
		{"a: |\n  b\n", "new\t", "would not stay"},
		{"a: |\n  b\n", "one\ntwo", "would not stay"},
		{"a: |\n  b\n", "one\u2028two", "would not stay"},
		{"a: |\n  b\n", "one\u0000", "would not stay"},
		{"a: |\nc: d\n", "new", "is empty"},
		{"a: >-\n\n\nc: d\n", "new", "is empty"},
		{"a: |", "new", "is empty"},
		{"a: |2\n   b\n", "new", "indentation indicator"},
		{"a: >-2\n   b\n", "new", "indentation indicator"},
	} {
		text, root := read(t, c.doc)
		span, err := text.Scalar(valueOf(t, root, "a"))
		if err != nil {
			t.Fatalf("%q: %v", c.doc, err)
		}
		if got, err := text.ReplaceBlock(span.Start, c.value); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q in %q: %v, %v", c.value, c.doc, got, err)
		}
	}
}

// TestAnEditInsideABlockIsTheSameInItsText makes the replacements of a text in the block that reads as it.
func TestAnEditInsideABlockIsTheSameInItsText(t *testing.T) {
	const inner = "x: one\n\ny:\n  한: two # note\nz: one\n"
	for _, indent := range []string{" ", "    "} {
		for name, lineBreak := range lineBreaks {
			block := indent + strings.ReplaceAll(strings.TrimSuffix(inner, "\n"), "\n", "\n"+indent)
			doc := strings.ReplaceAll("a: |\n"+block+"\nb: c\n", "\n", lineBreak)
			text, root := read(t, doc)
			if got := valueOf(t, root, "a").Value; got != inner {
				t.Fatalf("%s: the block reads as %q", name, got)
			}
			var replacements []source.Replacement
			for _, word := range []string{"one", "two"} {
				at := strings.Index(inner, word)
				replacements = append(replacements, source.Replacement{Span: source.Span{Start: at, End: at + len(word)}, Text: "a longer one"})
			}
			last := strings.LastIndex(inner, "one")
			replacements = append(replacements, source.Replacement{Span: source.Span{Start: last, End: last + 3}})
			made, err := text.ReplaceInside(strings.Index(doc, "|"), inner, replacements)
			if err != nil {
				t.Fatal(err)
			}
			want := string(source.Splice([]byte(inner), replacements))
			edited := string(source.Splice([]byte(doc), made))
			after := rootOf(t, edited)
			if got := valueOf(t, after, "a").Value; got != want {
				t.Errorf("%s: the block reads as %q, want %q", name, got, want)
			}
			if got := valueOf(t, after, "b").Value; got != "c" {
				t.Errorf("%s: below it stands %q", name, got)
			}
		}
	}
}

func TestAnEditOfSeveralLinesInsideABlockIsRefused(t *testing.T) {
	text, _ := read(t, "a: |\n  x: 'one\n    two'\n  y: z\n")
	const inner = "x: 'one\n  two'\ny: z\n"
	for _, r := range []source.Replacement{
		{Span: source.Span{Start: 3, End: strings.Index(inner, "\ny")}, Text: "new"},
		{Span: source.Span{Start: len(inner) - 2, End: len(inner) - 1}, Text: "new\nline"},
		{Span: source.Span{Start: len(inner) - 2, End: len(inner) - 1}, Text: "new\rline"},
	} {
		if got, err := text.ReplaceInside(3, inner, []source.Replacement{r}); err == nil {
			t.Errorf("%+v is made as %+v", r, got)
		}
	}
}
