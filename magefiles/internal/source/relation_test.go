package source_test

import (
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// commit adds an empty commit and gives its id.
func commit(t *testing.T, dir, title string) string {
	t.Helper()
	git(t, dir, "commit", "-q", "--allow-empty", "-m", title)
	return git(t, dir, "rev-parse", "HEAD")
}

func TestCompareTellsTheOrderOfTwoCommits(t *testing.T) {
	dir := repository(t)
	first := git(t, dir, "rev-parse", "HEAD")
	second := commit(t, dir, "둘째: second")
	git(t, dir, "checkout", "-q", "-b", "hotfix", first)
	side := commit(t, dir, "side")
	git(t, dir, "branch", "deadbeef", second) // a branch that is named like an id
	for name, test := range map[string]struct {
		base, head string
		want       source.Relation
		sha        string
	}{
		"ahead":               {first, second, source.Ahead, first},
		"ahead, abbreviated":  {first[:8], second, source.Ahead, first},
		"behind":              {second, first, source.Behind, second},
		"behind, abbreviated": {second[:12], first, source.Behind, second},
		"identical":           {second[:8], second, source.Identical, second},
		"diverged":            {side, second, source.Diverged, side},
		"unknown":             {"0123456789abcdef0123456789abcdef01234567", second, source.Unknown, "0123456789abcdef0123456789abcdef01234567"},
		"unknown short":       {"01234567", second, source.Unknown, "01234567"},
		"a branch's name":     {"deadbeef", second, source.Unknown, "deadbeef"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := source.Compare(t.Context(), dir, test.base, test.head)
			if err != nil || got.Relation != test.want || got.Base.SHA != test.sha {
				t.Errorf("%s %s, %v; want %s %s", got.Relation, got.Base.SHA, err, test.want, test.sha)
			}
		})
	}
	got, err := source.Compare(t.Context(), dir, second, first)
	if err != nil || got.Base.Title != "둘째: second" || got.Base.Author != "김개발" || got.Base.Time.IsZero() {
		t.Errorf("the base is %+v, %v", got.Base, err)
	}
}

// In a shallow clone a missing ancestor is no proof of anything.
func TestCompareInAShallowCloneSaysWhatIsCertain(t *testing.T) {
	dir := repository(t)
	first := git(t, dir, "rev-parse", "HEAD")
	second := commit(t, dir, "second")
	third := commit(t, dir, "third")
	git(t, dir, "checkout", "-q", "-b", "hotfix", first)
	side := commit(t, dir, "side")
	clone := filepath.Join(t.TempDir(), "clone")
	git(t, dir, "clone", "-q", "--depth=2", "--no-single-branch", "file://"+dir, clone)
	for name, test := range map[string]struct {
		base, head string
		want       source.Relation
	}{
		"within the clone":     {second, third, source.Ahead},
		"behind in the clone":  {third, second, source.Behind},
		"beyond the clone":     {first[:8], third, source.Unknown}, // cloned with the other branch, but cut off from this one
		"on another line":      {side, third, source.Unknown},
		"not in it":            {"01234567", third, source.Unknown},
		"the clone's own head": {third[:8], third, source.Identical},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := source.Compare(t.Context(), clone, test.base, test.head)
			if err != nil || got.Relation != test.want {
				t.Errorf("%s, %v; want %s", got.Relation, err, test.want)
			}
		})
	}
}

func TestCompareOutsideOfARepositoryKnowsNothing(t *testing.T) {
	got, err := source.Compare(t.Context(), t.TempDir(), "01234567", "89abcdef")
	if err != nil || got.Relation != source.Unknown {
		t.Errorf("%s, %v", got.Relation, err)
	}
}
