package worktree_test

import (
	"flag"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

var (
	rounds = flag.Int("worktree.rounds", 25, "random trees that are built")
	seed   = flag.Uint64("worktree.seed", 1, "where they begin")
)

// Random trees under random ignore files: an image has exactly what the snapshot lists, and every clone of the commit has the
// same snapshot.
func TestRandomTrees(t *testing.T) {
	for round := range uint64(*rounds) {
		g := generator{rand.New(rand.NewPCG(*seed, round))}
		c := newClone(t)
		g.fill(c)
		tree := c.open()
		got, _, err := c.build(tree, ".")
		if err != nil {
			t.Fatalf("round %d: %v\n%s", round, err, list(c.snapshot(".", worktree.Filter{}).Entries()))
		}
		filter, want := c.context(tree, ".")
		if list(got) != list(want.Entries()) {
			t.Fatalf("round %d, %q: the image has\n%sand the snapshot\n%s", round, filter.Exclude, list(got), list(want.Entries()))
		}
		for name, other := range g.clones(c) {
			if again := other.snapshot(".", filter); again.Digest() != want.Digest() {
				t.Fatalf("round %d, %q: the clone with %s has\n%sand the first\n%s", round, filter.Exclude, name, list(again.Entries()), list(want.Entries()))
			}
		}
	}
}

type generator struct{ *rand.Rand }

func (g generator) of(all ...string) string { return all[g.IntN(len(all))] }

func (g generator) name() string {
	return g.of("a", "b", "build", "libs", "a.txt", "b.md", "ü", "a b", `c\d`, "[x]", "new\nline", "-", ".hidden", "A", "…", "a*")
}

func (g generator) path() string {
	steps := []string{g.name()}
	for g.IntN(3) > 0 && len(steps) < 4 {
		steps = append(steps, g.name())
	}
	return path.Join(steps...)
}

// fill makes a commit with a Dockerfile and an ignore file, and what git does not know beside it.
func (g generator) fill(c clone) {
	for range 5 + g.IntN(20) {
		name := g.path()
		if !c.free(name) {
			continue
		}
		switch g.IntN(6) {
		case 0:
			c.link(g.of(g.path(), "../"+g.path(), "/"+g.path(), "/etc/passwd"), name)
		case 1:
			c.writeMode(name, g.of("", "x", strings.Repeat("long", 9000)), 0o755)
		default:
			c.write(name, g.of("", "a", "bb", "ccc"))
		}
	}
	c.write("Dockerfile", copyAll)
	var patterns []string
	for range g.IntN(6) {
		pattern := g.of(g.path(), "*", "**", "**/"+g.name(), g.name()+"/*", "*.txt", g.name()+"/**", "/"+g.path(), g.name()+"/")
		pattern = strings.ReplaceAll(pattern, "\n", "?")
		patterns = append(patterns, g.of("", "", "!")+pattern)
	}
	patterns = append(patterns, ".git", "!Dockerfile")
	c.write(".dockerignore", strings.Join(patterns, "\n")+"\n")
	c.commit()
	if name := g.path(); c.free(name) {
		mkdir(c.t, c.path(name))
	}
}

// free reports whether nothing is at a path or on the way to it.
func (c clone) free(name string) bool {
	for at := name; at != "."; at = path.Dir(at) {
		info, err := os.Lstat(c.path(at))
		if err == nil && (at == name || !info.IsDir()) {
			return false
		}
	}
	return true
}

// clones are others of the same commit.
func (g generator) clones(c clone) map[string]clone {
	clones := map[string]clone{}
	for name, change := range map[string]func(clone){
		"open modes":   func(o clone) { o.each(func(path string, mode fs.FileMode) { chmod(o.t, path, mode|0o066) }) },
		"narrow modes": func(o clone) { o.each(func(path string, mode fs.FileMode) { chmod(o.t, path, mode&0o700) }) },
		"no file mode": func(o clone) {
			o.git("config", "core.fileMode", "false")
			o.each(func(path string, mode fs.FileMode) {
				if !mode.IsDir() {
					chmod(o.t, path, 0o644)
				}
			})
		},
		"more beside it": func(o clone) {
			if o.free("z/pipe") {
				mkdir(o.t, o.path("z"))
				pipe(o.t, o.path("z/pipe"))
			}
			relink(o.t, o.path("Dockerfile"), path.Join(o.t.TempDir(), "hard"))
		},
	} {
		other := clone{t: c.t, root: c.t.TempDir()}
		c.git("clone", "-q", c.root, other.root)
		change(other)
		clones[name] = other
	}
	return clones
}

// each visits the files and directories of the working tree.
func (c clone) each(visit func(path string, mode fs.FileMode)) {
	c.t.Helper()
	err := fs.WalkDir(os.DirFS(c.root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == ".git":
			return fs.SkipDir
		case entry.Type()&fs.ModeSymlink != 0:
			return nil
		}
		info, err := entry.Info()
		if err == nil {
			visit(c.path(name), info.Mode())
		}
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
}
