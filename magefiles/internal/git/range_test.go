package git_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

// titles are the first lines of a history.
func titles(h git.History) string {
	var all []string
	for _, c := range h.Commits {
		title, _, _ := strings.Cut(c.Message, "\n")
		all = append(all, title)
	}
	return strings.Join(all, ", ")
}

func TestReadRangeListsBothSides(t *testing.T) {
	dir := repository(t)
	first := revision(t, dir, "HEAD")
	second := commit(t, dir, "second\n\nAstrago-Source: x\x1b[31m")
	third := commit(t, dir, "셋째: third")
	runGit(t, dir, "checkout", "-q", "-b", "hotfix", string(first))
	side := commit(t, dir, "side")
	runGit(t, dir, "merge", "-q", "--no-ff", "-m", "Merge pull request #3 from x/y", string(third))
	merged := revision(t, dir, "HEAD")
	for name, test := range map[string]struct {
		base, head    commitid.ID
		relation      git.Relation
		brings, takes string
	}{
		"ahead":       {first, third, git.Ahead, "셋째: third, second", ""},
		"abbreviated": {first[:8], third[:8], git.Ahead, "셋째: third, second", ""},
		"behind":      {third, first, git.Behind, "", "셋째: third, second"},
		"identical":   {second, second, git.Identical, "", ""},
		"diverged":    {side, third, git.Diverged, "셋째: third, second", "side"},
		"merged":      {side, merged, git.Ahead, "Merge pull request #3 from x/y, 셋째: third, second", ""},
		"unknown":     {commitid.ID(strings.Repeat("1", 40)), third, git.Unknown, "", ""},
		"unknown too": {first, commitid.ID(strings.Repeat("1", 40)), git.Unknown, "", ""},
	} {
		r, err := git.ReadRange(t.Context(), dir, test.base, test.head, 10)
		if err != nil || r.Relation != test.relation || titles(r.Brings) != test.brings || titles(r.TakesBack) != test.takes {
			t.Errorf("%s: %s, brings %q, takes back %q, %v", name, r.Relation, titles(r.Brings), titles(r.TakesBack), err)
		}
		if (r.Relation == git.Unknown) != (r.Reason != "") {
			t.Errorf("%s: the reason is %q", name, r.Reason)
		}
	}
	r, err := git.ReadRange(t.Context(), dir, first, merged, 2)
	if err != nil || r.Brings.Count != 4 || len(r.Brings.Commits) != 2 {
		t.Fatalf("%d of %d commits, %v", len(r.Brings.Commits), r.Brings.Count, err)
	}
	if c := r.Brings.Commits[0]; c.SHA != merged || len(c.Parents) != 2 || c.Parents[0] != side || c.Author != "김개발" || c.Time.IsZero() {
		t.Errorf("the merge is %+v", c)
	}
	clone := filepath.Join(t.TempDir(), "clone")
	runGit(t, dir, "clone", "-q", "--depth=2", "--branch=hotfix", "file://"+dir, clone)
	if r, err := git.ReadRange(t.Context(), clone, side, merged, 10); err != nil || r.Relation != git.Unknown || r.Reason != "this clone is shallow" {
		t.Errorf("a shallow clone says %s (%s), %v", r.Relation, r.Reason, err)
	}
}

// TestReadRangeIsBounded has messages of which each is longer than people write, and all of them more than is read.
func TestReadRangeIsBounded(t *testing.T) {
	dir := repository(t)
	first := revision(t, dir, "HEAD")
	var stream strings.Builder
	for i := range 20 {
		message := fmt.Sprintf("commit %d%s", i, strings.Repeat(" x", 1<<19))
		from := ""
		if i == 0 {
			from = "from " + string(first) + "\n"
		}
		fmt.Fprintf(&stream, "commit refs/heads/long\ncommitter a <a@b> %d +0000\ndata %d\n%s\n%s\n", 1700000000+i, len(message), message, from)
	}
	fast := exec.CommandContext(t.Context(), "git", "-C", dir, "fast-import", "--quiet")
	fast.Stdin = strings.NewReader(stream.String())
	if out, err := fast.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	r, err := git.ReadRange(t.Context(), dir, first, revision(t, dir, "long"), 250)
	if err != nil || r.Brings.Count != 20 || len(r.Brings.Commits) < 10 || len(r.Brings.Commits) >= 20 {
		t.Fatalf("%d of %d commits, %v", len(r.Brings.Commits), r.Brings.Count, err)
	}
	if !strings.HasPrefix(r.Brings.Commits[0].Message, "commit 19 ") {
		t.Errorf("the newest is %.20q", r.Brings.Commits[0].Message)
	}
}

func TestResolve(t *testing.T) {
	dir := repository(t)
	first := revision(t, dir, "HEAD")
	runGit(t, dir, "tag", "-a", "v1", "-m", "one")
	for revision, want := range map[string]commitid.ID{"v1": first, first.Short(): first, "HEAD": first, "v2": "", "^HEAD": "", "--all": "", "": ""} {
		if got, err := git.Resolve(t.Context(), dir, revision); err != nil || got != want {
			t.Errorf("%q is %q, %v", revision, got, err)
		}
	}
}
