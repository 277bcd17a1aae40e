package source_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/source"
)

// TestSpliceReplacesFromFrontAsFromBack compares random replacements with the same made one by one from the last on, which
// need no offset of another.
func TestSpliceReplacesFromFrontAsFromBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	for range 500 {
		doc := make([]byte, random.IntN(20))
		for i := range doc {
			doc[i] = byte('a' + i)
		}
		before, want := slices.Clone(doc), slices.Clone(doc)
		var all []source.Replacement
		for at := 0; ; {
			start := at + random.IntN(6)
			end := start + random.IntN(4)
			if end > len(doc) {
				break
			}
			written := []string{"", "X", "a longer text"}[random.IntN(3)]
			all = append(all, source.Replacement{Span: source.Span{Start: start, End: end}, Text: written})
			at = end
		}
		for _, r := range slices.Backward(all) {
			want = slices.Replace(want, r.Start, r.End, []byte(r.Text)...)
		}
		if got := source.Splice(doc, all); !slices.Equal(got, want) || !slices.Equal(doc, before) {
			t.Fatalf("%q with %+v is %q, want %q; the document became %q", before, all, got, want, doc)
		}
	}
}
