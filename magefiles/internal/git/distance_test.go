package git_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

func TestMeasure(t *testing.T) {
	dir := repository(t)
	first := revision(t, dir, "HEAD")
	second := commit(t, dir, "second")
	commit(t, dir, "third")
	runGit(t, dir, "checkout", "-q", "-b", "hotfix", string(first))
	side := commit(t, dir, "side")
	clone := filepath.Join(t.TempDir(), "clone")
	runGit(t, dir, "clone", "-q", "file://"+dir, clone)
	runGit(t, clone, "checkout", "-q", "-b", "stabilize/1.0", string(second)) // older than what was fetched
	shallow := filepath.Join(t.TempDir(), "shallow")
	runGit(t, dir, "clone", "-q", "--depth=1", "file://"+dir, shallow)
	for name, test := range map[string]struct {
		dir           string
		commit        commitid.ID
		branch        string
		behind, ahead int
		reason        string
	}{
		"behind":             {dir, first, "stabilize/1.0", 2, 0, ""},
		"abbreviated":        {dir, second[:8], "stabilize/1.0", 1, 0, ""},
		"another line":       {dir, side, "stabilize/1.0", 2, 1, ""},
		"as it was fetched":  {clone, second, "stabilize/1.0", 1, 0, ""},
		"the tip":            {clone, side, "hotfix", 0, 0, ""},
		"no such branch":     {dir, first, "nope", 0, 0, `no branch "nope"`},
		"no branch":          {dir, first, "", 0, 0, "no branch"},
		"no such commit":     {dir, "0123456789", "hotfix", 0, 0, "no such commit"},
		"no commit":          {dir, "", "hotfix", 0, 0, "no such commit"},
		"an option":          {dir, "--all", "hotfix", 0, 0, "no such commit"},
		"in a shallow clone": {shallow, side, "hotfix", 0, 0, "shallow"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := git.Measure(t.Context(), test.dir, test.commit, test.branch)
			if err != nil || d.Behind != test.behind || d.Ahead != test.ahead || !strings.Contains(d.Reason, test.reason) || (d.Reason == "") != (test.reason == "") {
				t.Errorf("%+v, %v", d, err)
			}
			if d.Reason == "" && (len(d.Commit.SHA) != 40 || d.Commit.Title == "" || d.Commit.Author != "김개발") {
				t.Errorf("the commit is %+v", d.Commit)
			}
		})
	}
}
