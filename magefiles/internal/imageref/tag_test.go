package imageref_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/distribution/reference"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// FuzzIsTag takes what distribution's own expression takes.
func FuzzIsTag(f *testing.F) {
	for _, text := range []string{"", "a", "_", ".", "-", "1.0-rc_1", "a b", "a\n", "é", strings.Repeat("a", 128), strings.Repeat("a", 129)} {
		f.Add(text)
	}
	whole := regexp.MustCompile(`^(?:` + reference.TagRegexp.String() + `)\z`)
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := imageref.IsTag(text), whole.MatchString(text); got != want {
			t.Errorf("%q: %v, distribution says %v", text, got, want)
		}
	})
}
