package worktree_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// submodule adds a repository with one file at a path.
func (c clone) submodule(path string, more func(clone)) {
	c.t.Helper()
	lib := newClone(c.t)
	lib.write("app/f.txt", "lib")
	if more != nil {
		more(lib)
	}
	lib.commit()
	c.git("submodule", "-q", "add", lib.root, path)
	c.git("submodule", "-q", "update", "--init", "--recursive")
	c.commit()
}

const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"

func TestUncertain(t *testing.T) {
	skip := func(flag string, names ...string) func(clone) {
		return func(c clone) {
			c.git(append([]string{"update-index", flag, "--"}, names...)...)
		}
	}
	whole := newClone(t)
	for _, file := range []string{"src/a.txt", "docs/d.md", "docs/e.md", "big.bin", "deep.txt"} {
		whole.write(file, file)
	}
	whole.link("lib", "lnk")
	whole.submodule("lib", func(lib clone) { lib.submodule("deep", nil) })
	for name, test := range map[string]struct {
		change func(clone)
		dir    string
		filter worktree.Filter
		want   string // paths
		remedy string
	}{
		"nothing":                        {dir: ".", change: func(clone) {}},
		"submodule":                      {dir: ".", change: func(c clone) { c.git("submodule", "-q", "deinit", "lib") }, want: "lib", remedy: "--recursive"},
		"nested submodule":               {dir: ".", change: func(c clone) { c.sub("lib").git("submodule", "-q", "deinit", "deep") }, want: "lib/deep", remedy: "--recursive"},
		"nested, below the context":      {dir: "lib", change: func(c clone) { c.sub("lib").git("submodule", "-q", "deinit", "deep") }, want: "lib/deep"},
		"submodule gone":                 {dir: ".", change: func(c clone) { c.git("submodule", "-q", "deinit", "lib"); remove(c.t, c.path("lib")) }, want: "lib"},
		"submodule is the context":       {dir: "lib", change: func(c clone) { c.git("submodule", "-q", "deinit", "lib") }, want: "lib"},
		"linked context":                 {dir: "lnk/deep", change: func(c clone) { c.sub("lib").git("submodule", "-q", "deinit", "deep") }, want: "lnk/deep"},
		"submodule left out":             {dir: ".", change: func(c clone) { c.git("submodule", "-q", "deinit", "lib") }, filter: worktree.Filter{Exclude: []string{"lib"}}},
		"submodule of another":           {dir: "src", change: func(c clone) { c.git("submodule", "-q", "deinit", "lib") }},
		"submodule not copied":           {dir: ".", change: func(c clone) { c.git("submodule", "-q", "deinit", "lib") }, filter: worktree.Filter{Follow: []string{"src"}}},
		"pattern of a submodule's files": {dir: ".", change: func(c clone) { c.git("submodule", "-q", "deinit", "lib") }, filter: worktree.Filter{Follow: []string{"src", "lib/app/*.txt"}}, want: "lib"},
		"pattern of its directory":       {dir: ".", change: func(c clone) { c.git("submodule", "-q", "deinit", "lib") }, filter: worktree.Filter{Follow: []string{"l?[ab]/ap*/f.txt"}}, want: "lib"},
		"pattern behind a link":          {dir: ".", change: func(c clone) { c.git("submodule", "-q", "deinit", "lib") }, filter: worktree.Filter{Follow: []string{"lnk/app/*.txt"}}, want: "lib"},
		"pattern of another directory":   {dir: ".", change: func(c clone) { c.git("submodule", "-q", "deinit", "lib") }, filter: worktree.Filter{Follow: []string{"src/*.txt", "*.bin"}}},
		"submodule let in again":         {dir: ".", change: func(c clone) { c.git("submodule", "-q", "deinit", "lib") }, filter: worktree.Filter{Exclude: []string{"*", "!src", "!lib/app/**"}}, want: "lib"},
		"others let in again":            {dir: ".", change: func(c clone) { c.git("submodule", "-q", "deinit", "lib") }, filter: worktree.Filter{Exclude: []string{"*", "!src", "!src/app/f.txt", "!big.*"}}},
		"file of an assumed submodule":   {dir: ".", change: skip("--assume-unchanged", "lib"), filter: worktree.Filter{Follow: []string{"lib/app/f.txt"}}, want: "lib"},
		"pattern behind a skipped link":  {dir: ".", change: func(c clone) { skip("--skip-worktree", "lnk")(c); remove(c.t, c.path("lnk")) }, filter: worktree.Filter{Follow: []string{"src", "lnk/app/*.txt"}}, want: "lnk"},
		"skipped link, not copied":       {dir: ".", change: func(c clone) { skip("--skip-worktree", "lnk")(c); remove(c.t, c.path("lnk")) }, filter: worktree.Filter{Follow: []string{"src", "docs/*.md"}}},
		"submodule behind a link":        {dir: ".", change: func(c clone) { c.git("submodule", "-q", "deinit", "lib") }, filter: worktree.Filter{Follow: []string{"lnk"}}, want: "lib"},
		"skipped":                        {dir: ".", change: skip("--skip-worktree", "src/a.txt"), want: "src/a.txt", remedy: "--no-skip-worktree"},
		"skipped and gone":               {dir: "src", change: func(c clone) { skip("--skip-worktree", "src/a.txt")(c); remove(c.t, c.path("src/a.txt")) }, want: "src/a.txt"},
		"skipped, left out":              {dir: ".", change: skip("--skip-worktree", "src/a.txt"), filter: worktree.Filter{Exclude: []string{"**/*.txt"}}},
		"skipped in a submodule":         {dir: ".", change: func(c clone) { skip("--skip-worktree", "app/f.txt")(c.sub("lib")) }, want: "lib/app/f.txt"},
		"assumed":                        {dir: ".", change: skip("--assume-unchanged", "src/a.txt", "big.bin"), want: "big.bin src/a.txt", remedy: "--no-assume-unchanged"},
		"both":                           {dir: ".", change: func(c clone) { skip("--assume-unchanged", "src/a.txt")(c); skip("--skip-worktree", "src/a.txt")(c) }, want: "src/a.txt"},
		"sparse":                         {dir: ".", change: func(c clone) { c.git("sparse-checkout", "set", "--cone", "src") }, want: "docs/d.md docs/e.md", remedy: "sparse-checkout"},
		"sparse, not copied":             {dir: ".", change: func(c clone) { c.git("sparse-checkout", "set", "--cone", "src") }, filter: worktree.Filter{Follow: []string{"src"}}},
		"pointer":                        {dir: ".", change: func(c clone) { c.write(".gitattributes", "*.bin filter=lfs\n"); c.write("a/big.bin", pointer) }, want: "a/big.bin", remedy: "git lfs pull"},
		"pointer, left out":              {dir: ".", change: func(c clone) { c.write(".gitattributes", "*.bin filter=lfs\n"); c.write("a/big.bin", pointer) }, filter: worktree.Filter{Exclude: []string{"a"}}},
		"pointer as a text":              {dir: ".", change: func(c clone) { c.write("a/big.bin", pointer) }},
		"pointer, replaced": {dir: ".", change: func(c clone) {
			c.write(".gitattributes", "*.bin filter=lfs\n")
			c.write("a/big.bin", pointer+strings.Repeat("x", 1024))
		}},
		"pointer in a submodule":     {dir: "lib", change: func(c clone) { c.write("lib/.gitattributes", "*.bin filter=lfs\n"); c.write("lib/x.bin", pointer) }, want: "lib/x.bin"},
		"outside of the repository":  {dir: "away", change: func(c clone) { c.link(c.t.TempDir(), "away") }, want: "away", remedy: "into the repository"},
		"names that are patterns":    {dir: ".", change: func(c clone) { c.write("[x]*", ""); c.commit(); skip("--skip-worktree", "[x]*")(c) }, want: "[x]*"},
		"not there, and nobody's":    {dir: "missing", change: func(clone) {}},
		"link that leads elsewhere ": {dir: ".", change: func(c clone) { c.link("/etc", "etc") }},
	} {
		t.Run(name, func(t *testing.T) {
			c := clone{t: t, root: t.TempDir()}
			if err := os.CopyFS(c.root, os.DirFS(whole.root)); err != nil {
				t.Fatal(err)
			}
			c.git("status") // git looks at the copies
			test.change(c)
			tree := c.open()
			_, taken := tree.Snapshot(t.Context(), test.dir, test.filter) // "missing" has none
			found, err := tree.Uncertain(t.Context(), []string{test.dir})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, f := range found {
				names = append(names, f.Path)
			}
			if strings.Join(names, " ") != test.want {
				t.Errorf("found %+v, want %q (%v)", found, test.want, taken)
			}
			err = worktree.RequireCertain("push", found)
			p := problem.As(err)
			if (p != nil) != (test.want != "") {
				t.Fatalf("refused: %v", err)
			}
			if p != nil && (p.ExitStatus() != problem.Refused || !strings.Contains(p.Remedy, test.remedy) || !strings.Contains(err.Error(), names[0])) {
				t.Errorf("refused with %v", err)
			}
			all, err := tree.Uncertain(t.Context(), nil)
			if err != nil || taken == nil && !slices.Equal(all, found) {
				t.Errorf("of all snapshots %+v (%v), want %+v", all, err, found)
			}
		})
	}
}

func (c clone) sub(path string) clone { return clone{t: c.t, root: c.path(path)} }

func TestUncertainNamesAFew(t *testing.T) {
	c := newClone(t)
	for i := range 50 {
		c.write(fmt.Sprint(i), "")
	}
	c.commit()
	for i := range 50 {
		c.git("update-index", "--skip-worktree", fmt.Sprint(i))
	}
	found, err := c.open().Uncertain(t.Context(), []string{"."})
	if err != nil || len(found) != 50 {
		t.Errorf("found %d (%v)", len(found), err)
	}
	if text := worktree.RequireCertain("push", found).Error(); strings.Count(text, "(skip-worktree)") != 20 || !strings.Contains(text, "and 30 more") {
		t.Errorf("refused with %s", text)
	}
}

var testTime = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

func TestChanged(t *testing.T) {
	for name, test := range map[string]struct {
		change func(clone)
		want   string
	}{
		"nothing":        {func(clone) {}, ""},
		"the same bytes": {func(c clone) { c.write("src/a", "a") }, ""},
		"time":           {func(c clone) { touch(c.t, c.path("src/a"), testTime) }, ""},
		"content":        {func(c clone) { c.write("src/a", "b") }, "src/a"},
		"same time":      {func(c clone) { c.write("src/b", "c"); touch(c.t, c.path("src/b"), testTime) }, "src/b"},
		"removed":        {func(c clone) { remove(c.t, c.path("src/b")) }, "src/b"},
		"added":          {func(c clone) { c.write("src/aa", "") }, "src/aa"},
		"added at last":  {func(c clone) { c.write("src/z", "") }, "src/z"},
		"left out":       {func(c clone) { c.write("src/ignored", "other") }, ""},
		"elsewhere":      {func(c clone) { c.write("other", "") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClone(t)
			c.write("src/a", "a")
			c.write("src/b", "b")
			c.write("src/ignored", "")
			touch(t, c.path("src/b"), testTime)
			tree := c.open()
			if _, err := tree.Snapshot(t.Context(), "src", worktree.Filter{Exclude: []string{"ignored"}}); err != nil {
				t.Fatal(err)
			}
			test.change(c)
			got, err := tree.Changed(t.Context())
			if err != nil || strings.Join(got, " ") != test.want {
				t.Errorf("got %q (%v), want %q", got, err, test.want)
			}
		})
	}
}
