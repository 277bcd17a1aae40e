package worktree

import (
	"slices"
	"testing"

	"github.com/moby/patternmatcher"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

// TestExampleOf takes each example to the matcher that BuildKit filters with.
func TestExampleOf(t *testing.T) {
	for _, pattern := range []string{
		"a", "a/b.txt", "*", "*.conf", "a*/*b", "**", "**/x", "a/**/b", "a/**", "?", "a?c", "[abc].txt", "[^abc]", "[^x]", "[a-f]*", `\*`, `a\[b`,
		Literal("[x]* y?"), Literal(" !"),
	} {
		example := exampleOf(pattern)
		if matches, err := patternmatcher.Matches(example, []string{pattern}); err != nil || !matches {
			t.Errorf("%q is no example of %q (%v)", example, pattern, err)
		}
	}
	for _, broken := range []string{"[", "[]", "a[b", `\`, "", "]", "[^"} {
		_ = exampleOf(broken) // a matcher refuses it
	}
}

func TestPossibleNames(t *testing.T) {
	f := Filter{Include: []string{"lib/app/*", "other"}, Exclude: []string{"*", "!/lib/app/x/", "**/y"}}
	submodule := git.Indexed{Path: "lib", Mode: git.ModeSubmodule}
	got := possibleNames(submodule, f)
	for _, want := range []string{"lib/" + anyName, "lib/app/" + anyName, "lib/app/x", "lib/y"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	if got := possibleNames(git.Indexed{Path: "lib", Mode: "100644"}, f); !slices.Equal(got, []string{"lib"}) {
		t.Errorf("a file may be called %q", got)
	}
}
