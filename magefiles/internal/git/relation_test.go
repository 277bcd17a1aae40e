package git_test

import (
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

// commit adds an empty commit and gives its id.
func commit(t *testing.T, dir, title string) commitid.ID {
	t.Helper()
	runGit(t, dir, "commit", "-q", "--allow-empty", "-m", title)
	return revision(t, dir, "HEAD")
}

func TestCompareTellsTheOrderOfTwoCommits(t *testing.T) {
	dir := repository(t)
	first := revision(t, dir, "HEAD")
	second := commit(t, dir, "둘째: second")
	runGit(t, dir, "checkout", "-q", "-b", "hotfix", string(first))
	side := commit(t, dir, "side")
	runGit(t, dir, "branch", "deadbeef", string(second)) // a branch that is named like an id
	for name, test := range map[string]struct {
		base, head commitid.ID
		want       git.Relation
		sha        commitid.ID
	}{
		"ahead":               {first, second, git.Ahead, first},
		"ahead, abbreviated":  {first[:8], second, git.Ahead, first},
		"behind":              {second, first, git.Behind, second},
		"behind, abbreviated": {second[:12], first, git.Behind, second},
		"identical":           {second[:8], second, git.Identical, second},
		"diverged":            {side, second, git.Diverged, side},
		"unknown":             {"0123456789abcdef0123456789abcdef01234567", second, git.Unknown, "0123456789abcdef0123456789abcdef01234567"},
		"unknown short":       {"01234567", second, git.Unknown, "01234567"},
		"a branch's name":     {"deadbeef", second, git.Unknown, "deadbeef"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := git.Compare(t.Context(), dir, test.base, test.head)
			if err != nil || got.Relation != test.want || got.Base.SHA != test.sha {
				t.Errorf("%s %s, %v; want %s %s", got.Relation, got.Base.SHA, err, test.want, test.sha)
			}
		})
	}
	got, err := git.Compare(t.Context(), dir, second, first)
	if err != nil || got.Base.Title != "둘째: second" || got.Base.Author != "김개발" || got.Base.Time.IsZero() {
		t.Errorf("the base is %+v, %v", got.Base, err)
	}
}

// In a shallow clone a missing ancestor is no proof of anything.
func TestCompareInAShallowCloneSaysWhatIsCertain(t *testing.T) {
	dir := repository(t)
	first := revision(t, dir, "HEAD")
	second := commit(t, dir, "second")
	third := commit(t, dir, "third")
	runGit(t, dir, "checkout", "-q", "-b", "hotfix", string(first))
	side := commit(t, dir, "side")
	clone := filepath.Join(t.TempDir(), "clone")
	runGit(t, dir, "clone", "-q", "--depth=2", "--no-single-branch", "file://"+dir, clone)
	for name, test := range map[string]struct {
		base, head commitid.ID
		want       git.Relation
	}{
		"within the clone":     {second, third, git.Ahead},
		"behind in the clone":  {third, second, git.Behind},
		"beyond the clone":     {first[:8], third, git.Unknown}, // cloned with the other branch, but cut off from this one
		"on another line":      {side, third, git.Unknown},
		"not in it":            {"01234567", third, git.Unknown},
		"the clone's own head": {third[:8], third, git.Identical},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := git.Compare(t.Context(), clone, test.base, test.head)
			if err != nil || got.Relation != test.want {
				t.Errorf("%s, %v; want %s", got.Relation, err, test.want)
			}
		})
	}
}

func TestCompareOutsideOfARepositoryKnowsNothing(t *testing.T) {
	got, err := git.Compare(t.Context(), t.TempDir(), "01234567", "89abcdef")
	if err != nil || got.Relation != git.Unknown {
		t.Errorf("%s, %v", got.Relation, err)
	}
}
