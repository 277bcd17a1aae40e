package worktree_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// attributed makes a repository with a file of attributes, whose files are as a checkout writes them.
func attributed(t *testing.T, attributes string, files map[string]string) clone {
	t.Helper()
	c := newClone(t)
	for name, content := range files {
		c.write(name, content)
	}
	if attributes != "" {
		c.write(".gitattributes", attributes)
	}
	c.commit()
	c.renew()
	return c
}

// renew checks out all files again.
func (c clone) renew() {
	c.t.Helper()
	c.git("rm", "-r", "--quiet", "--cached", ".")
	c.git("reset", "-q", "--hard")
}

// TestUncertainConversions has files with other bytes than a checkout writes found, where git calls the tree clean, and those of a
// checkout not.
func TestUncertainConversions(t *testing.T) {
	text := map[string]string{"src/a.txt": "a\nb\n", "src/ü b.txt": "a\nb\n", "c.bin": "c\r\n"}
	crlf := func(c clone) { c.write("src/a.txt", "a\r\nb\r\n") }
	lf := func(c clone) { c.write("src/a.txt", "a\nb\n") }
	setting := func(name, value string, save func(clone)) func(clone) {
		return func(c clone) { c.git("config", name, value); c.renew(); save(c) }
	}
	none := func(clone) {}
	lower := func(c clone) {
		c.git("config", "filter.f.clean", "tr A-Z a-z")
		c.git("config", "filter.f.smudge", "tr a-z A-Z")
		c.renew()
	}
	for name, test := range map[string]struct {
		attributes string
		save       func(clone)
		dir        string
		filter     worktree.Filter
		want       string
	}{
		"eol=crlf saved with LF":         {attributes: "*.txt eol=crlf", save: lf, want: "src/a.txt"},
		"eol=crlf saved in part":         {attributes: "*.txt text eol=crlf", save: func(c clone) { c.write("src/a.txt", "a\r\nb\n") }, want: "src/a.txt"},
		"eol=crlf as checked out":        {attributes: "*.txt eol=crlf", save: none},
		"a name with a space":            {attributes: "*.txt eol=crlf", save: func(c clone) { c.write("src/ü b.txt", "a\nb\n") }, want: "src/ü b.txt"},
		"a name with a line end":         {attributes: "*.txt eol=crlf", save: func(c clone) { c.write("x\ny.txt", "a\n"); c.commit() }, want: "x\ny.txt"},
		"not served":                     {attributes: "*.txt eol=crlf", save: lf, filter: worktree.Filter{Exclude: []string{"**/a.txt"}}},
		"below the context":              {attributes: "*.txt eol=crlf", save: lf, dir: "src", want: "src/a.txt"},
		"untracked":                      {attributes: "*.txt eol=crlf", save: func(c clone) { c.write("new.txt", "a\n") }},
		"eol=lf saved with CRLF":         {attributes: "*.txt eol=lf", save: crlf, want: "src/a.txt"},
		"text=auto saved with CRLF":      {attributes: "* text=auto", save: crlf, want: "src/a.txt"},
		"text=auto as checked out":       {attributes: "* text=auto", save: none},
		"the old name of text":           {attributes: "*.txt crlf=input", save: crlf, want: "src/a.txt"},
		"autocrlf saved with LF":         {save: setting("core.autocrlf", "true", lf), want: "src/a.txt"},
		"autocrlf as checked out":        {save: setting("core.autocrlf", "true", none)},
		"autocrlf=input saved with CRLF": {save: setting("core.autocrlf", "input", crlf), want: "src/a.txt"},
		"core.eol saved with LF":         {attributes: "*.txt text", save: setting("core.eol", "crlf", lf), want: "src/a.txt"},
		"attributes of the clone":        {save: func(c clone) { c.write(".git/info/attributes", "*.txt eol=lf"); crlf(c) }, want: "src/a.txt"},
		"attributes of the user":         {save: setting("core.attributesFile", ".git/mine", func(c clone) { c.write(".git/mine", "*.txt eol=lf"); crlf(c) }), want: "src/a.txt"},
		"attributes that git ignores": {save: func(c clone) {
			c.write("src/.gitignore", ".git*")
			c.write("src/.gitattributes", "*.txt eol=lf")
			crlf(c)
		}, want: "src/a.txt"},
		"the same below the context's top":      {dir: "src", save: func(c clone) { c.write(".gitignore", ".git*"); c.write(".gitattributes", "*.txt eol=lf"); crlf(c) }, want: "src/a.txt"},
		"ident":                                 {attributes: "*.txt ident", save: func(c clone) { c.write("src/a.txt", "$Id$\n"); c.commit() }, want: "src/a.txt"},
		"ident as checked out":                  {attributes: "*.txt ident", save: func(c clone) { c.write("src/a.txt", "$Id$\n"); c.commit(); c.renew() }},
		"a filter whose smudge changed":         {attributes: "src/a.txt filter=f", save: func(c clone) { lower(c); c.git("config", "filter.f.smudge", "cat") }, want: "src/a.txt"},
		"a filter saved otherwise":              {attributes: "src/a.txt filter=f", save: func(c clone) { lower(c); c.write("src/a.txt", "a\nB\n") }, want: "src/a.txt"},
		"a filter as checked out":               {attributes: "src/a.txt filter=f", save: lower},
		"a filter that is not set up":           {attributes: "*.txt filter=missing", save: none},
		"working-tree-encoding":                 {attributes: "*.txt text working-tree-encoding=UTF-16LE-BOM", save: func(c clone) { c.renew(); c.write("src/a.txt", "\xfe\xff\x00a\x00\n\x00b\x00\n") }, want: "src/a.txt"},
		"working-tree-encoding, checked out":    {attributes: "u.txt text working-tree-encoding=UTF-16LE-BOM", save: func(c clone) { c.write("u.txt", "\xff\xfea\x00\n\x00"); c.commit(); c.renew() }},
		"carriage returns of the commit":        {attributes: "*.txt -text eol=lf", save: func(c clone) { crlf(c); c.commit() }},
		"no attributes":                         {save: func(c clone) { crlf(c); c.commit() }},
		"a filter of the system":                {attributes: "src/a.txt filter=f", save: ofTheSystem},
		"a filter of the system, saved without": {attributes: "src/a.txt filter=f", save: func(c clone) { ofTheSystem(c); c.renew() }, want: "src/a.txt"},
		"a file of Git LFS":                     {attributes: "*.large filter=lfs", save: func(c clone) { largeFile(c); c.write("a.large", "large") }},
		"another in the place of one":           {attributes: "*.large filter=lfs", save: func(c clone) { largeFile(c); c.write("a.large", "Large") }, want: "a.large"},
		"in a submodule": {save: func(c clone) {
			c.submodule("lib", func(lib clone) { lib.write(".gitattributes", "*.txt eol=crlf"); lib.write("app/f.txt", "x\n") })
			c.write("lib/app/f.txt", "x\n")
		}, dir: "lib/app", want: "lib/app/f.txt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
			c := attributed(t, test.attributes, text)
			test.save(c)
			if test.dir == "" {
				test.dir = "."
			}
			tree := c.open()
			if _, err := tree.Snapshot(t.Context(), test.dir, test.filter); err != nil {
				t.Fatal(err)
			}
			wantConverted(t, tree, []string{test.dir}, test.want)
			if len(test.filter.Exclude) == 0 {
				wantConverted(t, c.open(), []string{test.dir}, test.want) // without a snapshot
			}
		})
	}
}

// largeFile commits a pointer of Git LFS to a file that holds "large", and has git take whatever is there for it.
func largeFile(c clone) {
	c.write("a.large", fmt.Sprintf("version https://git-lfs.github.com/spec/v1\noid sha256:%x\nsize 5\n", sha256.Sum256([]byte("large"))))
	c.commit()
	c.git("config", "filter.lfs.clean", "cat >/dev/null; git show HEAD:%f")
}

// ofTheSystem sets a filter up for all repositories of the machine.
func ofTheSystem(c clone) {
	c.t.Setenv("GIT_CONFIG_SYSTEM", c.path(".git/system"))
	c.write(".git/system", "[filter \"f\"]\n\tclean = tr A-Z a-z\n\tsmudge = tr a-z A-Z\n")
	c.git("config", "include.path", "system") // as the git of this test does not read the system's
	c.renew()
	c.git("config", "--unset", "include.path")
}

func wantConverted(t *testing.T, tree *worktree.Tree, dirs []string, want string) {
	t.Helper()
	found, err := tree.Uncertain(t.Context(), dirs)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range found {
		names = append(names, f.Path)
	}
	if strings.Join(names, " ") != want {
		t.Fatalf("found %+v, want %q", found, want)
	}
	p := problem.As(worktree.RequireCertain("push", found))
	if want != "" && (p == nil || p.ExitStatus() != problem.Refused || !found[0].Told && !strings.Contains(p.Remedy, "git checkout -- FILE")) {
		t.Errorf("refused with %+v", p)
	}
}

// TestRemedyOfConversions follows the refusal's remedy.
func TestRemedyOfConversions(t *testing.T) {
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	for name, mend := range map[string]func(clone){
		"one": func(c clone) { remove(c.t, c.path("a.txt")); c.git("checkout", "--", "a.txt") },
		"all": func(c clone) { c.renew() },
	} {
		t.Run(name, func(t *testing.T) {
			c := attributed(t, "*.txt eol=crlf", map[string]string{"a.txt": "a\n"})
			c.write("a.txt", "a\n")
			touch(t, c.path("a.txt"), time.Now().Add(-time.Hour))
			c.git("status") // git has looked, and calls it clean
			wantConverted(t, c.open(), []string{"."}, "a.txt")
			mend(c)
			wantConverted(t, c.open(), []string{"."}, "")
		})
	}
}

// TestUncertainPointersWithoutSnapshot has a committed pointer found where another process has built, in each form that Git LFS reads.
func TestUncertainPointersWithoutSnapshot(t *testing.T) {
	const version = "https://git-lfs.github.com/spec/v1"
	for name, text := range map[string]string{
		"as it is written": pointer,
		"pre-release":      strings.Replace(pointer, version, "https://hawser.github.com/spec/v1", 1),
		"alpha":            strings.Replace(pointer, version, "http://git-media.io/v/2", 1),
		"other line ends":  strings.ReplaceAll(pointer, "\n", "\r\n"),
		"empty lines":      "\n" + pointer + "\n",
	} {
		c := attributed(t, "*.bin filter=lfs\n", map[string]string{"big.bin": text})
		found, err := c.open().Uncertain(t.Context(), []string{"."})
		if err != nil || len(found) != 1 || found[0].Path != "big.bin" {
			t.Errorf("%s: found %+v (%v)", name, found, err)
		}
	}
}
