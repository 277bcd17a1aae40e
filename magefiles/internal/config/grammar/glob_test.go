package grammar_test

import (
	"path"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
)

func TestMatchGlob(t *testing.T) {
	for _, test := range []struct {
		glob, branch string
		want         bool
	}{
		{"main", "main", true},
		{"main", "mainly", false},
		{"main", "a/main", false},
		{"release/*", "release/1", true},
		{"release/*", "release/1/2", false},
		{"release/**", "release/1/2", true},
		{"**", "a/b", true},
		{"v?", "v1", true},
		{"v?", "v/", false},
		{"v[0-9]", "v3", true},
		{"v[^0-9]", "v3", false},
		{"a[^x]b", "a/b", false},
		{"a.b", "axb", false},
		{"[", "[", false},
	} {
		if got := grammar.MatchGlob(test.glob, test.branch); got != test.want {
			t.Errorf("%q matches %q: %t", test.glob, test.branch, got)
		}
	}
}

// FuzzMatchGlob holds globs against path.Match, where the two mean the same: without `**`, brackets and backslashes.
func FuzzMatchGlob(f *testing.F) {
	f.Add("release/*", "release/1")
	f.Add("v?.?", "v1.2")
	f.Fuzz(func(t *testing.T, glob, branch string) {
		if strings.Contains(glob, "**") || strings.ContainsAny(glob, `[]\`) || strings.ContainsAny(branch, "\n") {
			return
		}
		want, err := path.Match(glob, branch)
		if got := grammar.MatchGlob(glob, branch); err == nil && got != want {
			t.Errorf("%q matches %q: %t, as a path: %t", glob, branch, got, want)
		}
	})
}
