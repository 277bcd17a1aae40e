package worktree_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// TestWhatGitHides has settings of a clone and what it was checked out with make no files pass for the commit's that are others: one
// of git's status and Uncertain must tell. Without a change nothing is told.
func TestWhatGitHides(t *testing.T) {
	attributes := func(c clone, text string) {
		c.write(".gitattributes", text)
		c.git("add", ".gitattributes")
		c.git("commit", "-q", "-m", "attributes")
	}
	letters := func(c clone) {
		c.git("config", "filter.f.clean", "tr x-y a-b")
		c.git("config", "filter.f.smudge", "tr a-b x-y")
	}
	for name, test := range map[string]struct {
		change func(clone)
		want   string // what is reported
	}{
		"nothing": {func(clone) {}, ""},
		"links as files": {func(c clone) {
			c.git("config", "core.symlinks", "false")
			remove(c.t, c.path("lnk"))
			c.git("checkout", "-q", "--", "lnk")
		}, "lnk"},
		"links as links": {func(c clone) { c.git("config", "core.symlinks", "false") }, ""},
		"a name in other letters": {func(c clone) {
			c.git("config", "core.ignoreCase", "true")
			c.write("A.TXT", "")
		}, "?? A.TXT"},
		"ends of lines of former attributes": {func(c clone) {
			attributes(c, "*.txt text eol=crlf\n")
			c.checkOut()
			attributes(c, "\n")
		}, "a.txt"},
		"the same, with others left": {func(c clone) {
			attributes(c, "*.txt text eol=crlf\n*.md text\n")
			c.checkOut()
			attributes(c, "*.md text\n")
		}, "a.txt"},
		"ends of lines of a former setting": {func(c clone) {
			c.git("config", "core.autocrlf", "true")
			c.checkOut()
			c.git("config", "--unset", "core.autocrlf")
		}, "a.txt"},
		"an ident of former attributes": {func(c clone) {
			attributes(c, "*.txt ident\n")
			c.checkOut()
			attributes(c, "\n")
		}, "a.txt"},
		"an encoding of former attributes": {func(c clone) {
			attributes(c, "*.txt working-tree-encoding=UTF-16LE\n")
			c.checkOut()
			attributes(c, "\n")
		}, "a.txt"},
		"a filter of former attributes, of equal size": {func(c clone) {
			letters(c)
			attributes(c, "*.txt filter=f\n")
			c.checkOut()
			attributes(c, "\n")
		}, "a.txt"},
		"the same under other attributes": {func(c clone) {
			letters(c)
			attributes(c, "*.txt filter=f\n")
			c.checkOut()
			attributes(c, "*.txt text\n")
		}, "a.txt"},
		"former attributes that changed nothing": {func(c clone) {
			attributes(c, "*.txt text eol=lf\n")
			c.checkOut()
			attributes(c, "\n")
		}, ""},
		"carriage returns of the commit": {func(c clone) { c.write("b.txt", "a\r\n"); c.commit() }, ""},
		"the same, beside attributes":    {func(c clone) { c.write("b.bin", "a\r\n"); c.commit(); attributes(c, "*.md text eol=crlf\n"); c.renew() }, ""},
		"carriage returns of no commit":  {func(c clone) { c.write(".gitignore", "b\n"); c.commit(); c.write("b", "a\r\n") }, ""},
		"a replaced commit": {func(c clone) {
			old := c.git("rev-parse", "HEAD")
			c.write("a.txt", "another")
			c.commit()
			other := c.git("rev-parse", "HEAD")
			c.git("reset", "-q", "--hard", old)
			c.git("replace", old, other)
			c.git("reset", "-q", "--hard", old)
		}, "M  a.txt"},
	} {
		for _, format := range []string{"sha1", "sha256"} {
			t.Run(name+"/"+format, func(t *testing.T) {
				c := clone{t: t, root: t.TempDir()}
				c.git("init", "-q", "-b", "main", "--object-format="+format)
				c.write("a.txt", "a $Id$\nb\n")
				c.link("a.txt", "lnk")
				c.commit()
				test.change(c)
				wantTold(t, c, test.want)
			})
		}
	}
}

// wantTold asks git, and a tree with a snapshot and one without.
func wantTold(t *testing.T, c clone, want string) {
	t.Helper()
	commit, err := git.Current(t.Context(), c.root)
	if err != nil {
		t.Fatal(err)
	}
	for _, snapshot := range []bool{true, false} {
		tree, dirs := c.open(), []string{"."}
		if snapshot {
			dirs = nil
			if _, err := tree.Snapshot(t.Context(), ".", worktree.Filter{}); err != nil {
				t.Fatal(err)
			}
		}
		found, err := tree.Uncertain(t.Context(), dirs)
		got := namesOf(found)
		for _, line := range commit.Dirty {
			got += line
		}
		if err != nil || got != want {
			t.Errorf("told of is %q, want %q (%v); with a snapshot: %t", got, want, err, snapshot)
		}
	}
}

// TestWhatGitTells has a file that is being edited named as such: it must not be checked out again.
func TestWhatGitTells(t *testing.T) {
	c := newClone(t)
	c.write("a.txt", "a\n")
	c.write("b.txt", "b\n")
	c.commit()
	c.write("a.txt", "edited\n")
	c.write("b.txt", "staged\n")
	c.git("add", "b.txt")
	found, err := c.open().Uncertain(t.Context(), []string{"."})
	if err != nil || len(found) != 1 || found[0].Path != "a.txt" || !found[0].Told || strings.Contains(found[0].Remedy, "checkout") {
		t.Errorf("found %+v (%v)", found, err)
	}
}

// checkOut checks out all files again, an hour ago: git believes the times of files that are older than its index.
func (c clone) checkOut() {
	c.t.Helper()
	c.renew()
	if err := os.Chtimes(c.path("a.txt"), time.Time{}, time.Now().Add(-time.Hour)); err != nil {
		c.t.Fatal(err)
	}
	c.git("update-index", "-q", "--refresh")
}
