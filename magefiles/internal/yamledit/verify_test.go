package yamledit

import (
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
)

const provable = "a: \"old\" # note\nb: old\nc: {tag: old , d: e}\nl: |\n  old\n"

// located does all that Apply does before the splice.
func located(t *testing.T, expression string) (*source.Text, []*document, []source.Replacement) {
	t.Helper()
	src, err := source.New([]byte(provable))
	if err != nil {
		t.Fatal(err)
	}
	docs, err := decodeDocuments(src)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := evaluateAll(src, docs, []string{expression}); err != nil {
		t.Fatal(err)
	}
	found, err := compareTrees(src, docs, policy{check: checkValue})
	if err != nil {
		t.Fatal(err)
	}
	replacements, err := found.replacements()
	if err != nil {
		t.Fatal(err)
	}
	return src, docs, replacements
}

// One byte of the file lost or changed, anywhere, breaks the proof.
func TestProofSeesEveryByte(t *testing.T) {
	for _, expression := range []string{`.a = "new"`, `.b = "new"`, `.c.tag = "new"`, `.l = "new"`, `.a = "x" | .b = "y" | .c.d = "z"`} {
		src, docs, replacements := located(t, expression)
		edited := source.Splice(src.Bytes(), replacements)
		if err := verifyEdit(src, edited, replacements, docs); err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		for at := range edited {
			mustRefuse(t, expression, verifyEdit(src, slices.Delete(slices.Clone(edited), at, at+1), replacements, docs))
			mustRefuse(t, expression, verifyEdit(src, slices.Replace(slices.Clone(edited), at, at+1, '~'), replacements, docs))
		}
	}
}

// A wrong span or text breaks the proof, although the splice follows it faithfully.
func TestProofDoesNotTrustTheReplacement(t *testing.T) {
	for name, damage := range map[string]func(*source.Replacement){
		"one byte more behind":    func(r *source.Replacement) { r.End++ },
		"one byte less behind":    func(r *source.Replacement) { r.End-- },
		"one byte more in front":  func(r *source.Replacement) { r.Start-- },
		"one byte less in front":  func(r *source.Replacement) { r.Start++ },
		"one byte further":        func(r *source.Replacement) { r.Start++; r.End++ },
		"another value":           func(r *source.Replacement) { r.Text = strings.Replace(r.Text, "new", "other", 1) },
		"a value of another type": func(r *source.Replacement) { r.Text = "12" },
		"a comment with it":       func(r *source.Replacement) { r.Text += " # new" },
		"a key with it":           func(r *source.Replacement) { r.Text += "\nmore: x" },
		"an anchor with it":       func(r *source.Replacement) { r.Text = "&x " + r.Text },
		"a tag with it":           func(r *source.Replacement) { r.Text = "!!str " + r.Text },
		"an equal scalar elsewhere": func(r *source.Replacement) {
			at := strings.Index(provable, "b: old") + len("b: ")
			if r.Start == at {
				at = strings.Index(provable, "tag: old") + len("tag: ")
			}
			r.Start, r.End = at, at+len("old")
		},
	} {
		for _, expression := range []string{`.a = "new"`, `.b = "new"`, `.c.tag = "new"`} {
			src, docs, replacements := located(t, expression)
			damage(&replacements[0])
			mustRefuse(t, expression+" with "+name, verifyEdit(src, source.Splice(src.Bytes(), replacements), replacements, docs))
		}
	}
}

func mustRefuse(t *testing.T, what string, err error) {
	t.Helper()
	if p := problem.As(err); p == nil || p.Status != problem.Refused {
		t.Errorf("%s: the proof holds: %v", what, err)
	}
}
