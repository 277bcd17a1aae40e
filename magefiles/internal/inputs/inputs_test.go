package inputs

import (
	"slices"
	"testing"
	"testing/quick"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
)

func keyed(key, prepareKey string) Inputs {
	return Inputs{Fingerprint: identity.Fingerprint{Key: key}, PrepareKey: prepareKey}
}

// TestImageIsTheCommitsByWhatItIsMadeOf, and by its commit only where nothing tells what either is made of.
func TestImageIsTheCommitsByWhatItIsMadeOf(t *testing.T) {
	for name, test := range map[string]struct {
		in     Inputs
		origin inspect.Origin
		want   bool
	}{
		"the same key, another commit":      {keyed("k", ""), inspect.Origin{Key: "k", Revision: "b2"}, true},
		"another key, this commit":          {keyed("k", ""), inspect.Origin{Key: "other", Revision: "a1"}, false},
		"no key, this commit":               {keyed("k", ""), inspect.Origin{Revision: "a1"}, false},
		"prepared from the same":            {keyed("", "p"), inspect.Origin{Key: "k", PrepareKey: "p"}, true},
		"prepared from something else":      {keyed("", "p"), inspect.Origin{Key: "k", PrepareKey: "q", Revision: "a1"}, false},
		"both unknown, this commit":         {keyed("", ""), inspect.Origin{Revision: "a1"}, true},
		"both unknown, another commit":      {keyed("", ""), inspect.Origin{Revision: "b2"}, false},
		"unknown here, and known there":     {keyed("", ""), inspect.Origin{Key: "k", Revision: "a1"}, false},
		"another key, prepared from it all": {keyed("k", "p"), inspect.Origin{Key: "other", PrepareKey: "p"}, true},
	} {
		if got := test.in.isOf(test.origin, "a1"); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestEqualInputsAreCertain: equality is symmetric, nothing unknown is equal to anything, itself included, and equal inputs are found
// by the tags of each other.
func TestEqualInputsAreCertain(t *testing.T) {
	word := func(n uint8) string { return []string{"", "a", "b"}[n%3] }
	property := func(a, b, c, d uint8) bool {
		x, y := keyed(word(a), word(b)), keyed(word(c), word(d))
		if x.equal(y) != y.equal(x) || keyed("", "").equal(x) {
			return false
		}
		return !x.equal(y) || x.matches(inspect.Origin{Key: y.Key, PrepareKey: y.PrepareKey})
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
}

func TestAliasesAreTagsOfWhatIsKnown(t *testing.T) {
	for want, in := range map[int]Inputs{0: keyed("", "p"), 1: keyed("k", ""), 2: keyed("k", "p")} {
		got := in.Aliases()
		if all := []string{plan.KeyTag("k"), plan.PrepareKeyTag("p")}; !slices.Equal(got, all[:want]) {
			t.Errorf("%+v: %q", in, got)
		}
	}
}

// TestCommitKeyIsOfOneCommitAndComponent.
func TestCommitKeyIsOfOneCommitAndComponent(t *testing.T) {
	seen := map[string]bool{}
	for _, sha := range []string{"a1", "a1 c", "b2"} {
		for _, name := range []component.Name{"core", "batch"} {
			key := CommitKey(git.Commit{SHA: commitid.ID(sha)}, name)
			if len(key) != 64 || seen[key] || key != CommitKey(git.Commit{SHA: commitid.ID(sha), Title: "x"}, name) {
				t.Errorf("%s of %s: %q", name, sha, key)
			}
			seen[key] = true
		}
	}
}

func TestDifferenceSaysWhatIsWrongWithAnImage(t *testing.T) {
	m := SourceMatcher{plan: &plan.Plan{Commit: git.Commit{SHA: "a1b2c3d4e5"}}}
	for want, origin := range map[string]inspect.Origin{
		"which contradicts itself: labels":      {Conflict: "labels", Revision: "a1b2c3d4e5"},
		"which does not say what it is made of": {Revision: "a1b2c3d4e5"},
		"which says that it is of this commit and is made of something else: other sources, or a base image that has moved since": {
			Revision: "a1b2c3d4e5", Key: "k",
		},
		"built from other sources at an unknown commit":    {Key: "k"},
		`built from other sources at commit "9f8e7d6c"`:    {Revision: "9f8e7d6c5b4a", Key: "k"},
		`built from other sources at commit "\x1b[31mred"`: {Revision: "\x1b[31mred"},
	} {
		if got := m.Difference(origin); got != want {
			t.Errorf("%+v: %q, want %q", origin, got, want)
		}
	}
}
