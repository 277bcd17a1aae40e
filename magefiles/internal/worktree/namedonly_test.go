package worktree_test

import (
	"os"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// TestNamedOnly holds what a build gets of files that it sees by their names only.
func TestNamedOnly(t *testing.T) {
	for name, test := range map[string]struct {
		dir    string
		filter worktree.Filter
		want   string
	}{
		"everything":                 {".", worktree.Filter{}, "src src/a tools tools/b"},
		"its name":                   {".", worktree.Filter{Follow: []string{"src", "tools/ci"}}, "src src/a tools tools/ci tools/ci/x"},
		"something in it":            {".", worktree.Filter{Follow: []string{"/tools/ci/x"}}, "tools tools/ci tools/ci/x"},
		"included":                   {".", worktree.Filter{Include: []string{"astrago.yaml"}}, "astrago.yaml"},
		"a directory around it":      {".", worktree.Filter{Follow: []string{"tools"}}, "tools tools/b"},
		"a pattern":                  {".", worktree.Filter{Follow: []string{"*"}}, "src src/a tools tools/b"},
		"a pattern of some":          {".", worktree.Filter{Follow: []string{"*.yaml"}}, ""},
		"an exception":               {".", worktree.Filter{Exclude: []string{"src", "!tools/ci"}}, "tools tools/b tools/ci tools/ci/x"},
		"an exception for another":   {".", worktree.Filter{Exclude: []string{"*", "!src"}}, "src src/a"},
		"its directory as a context": {"tools/ci", worktree.Filter{}, "x"},
		"one around it":              {"tools", worktree.Filter{}, "b"},
		"one without it":             {"src", worktree.Filter{}, "a"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClone(t)
			for _, file := range []string{"astrago.yaml", "src/a", "tools/b", "tools/ci/x"} {
				c.write(file, file)
			}
			c.commit()
			options := worktree.Options{Root: c.root, Hidden: []string{c.path(".git")}, NamedOnly: []string{"tools/ci", "astrago.yaml"}}
			tree, err := worktree.Open(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			s, err := tree.Snapshot(t.Context(), test.dir, test.filter)
			if err != nil || paths(s) != test.want {
				t.Fatalf("%v: %s, want %s", err, paths(s), test.want)
			}
			c.write("tools/ci/x", "changed")
			c.write("astrago.yaml", "changed")
			tree.Reset(t.Context())
			again, err := tree.Snapshot(t.Context(), test.dir, test.filter)
			if err != nil {
				t.Fatal(err)
			}
			_, ci := s.Open("tools/ci/x")
			_, inside := s.Open("x")
			_, configuration := s.Open("astrago.yaml")
			if got := ci == nil || inside == nil || configuration == nil; got == (s.Digest() == again.Digest()) {
				t.Errorf("served: %v, and it has counted: %v", got, !got)
			}
		})
	}
}

// TestNamedOnlyBesideGit gives a build that gets .git all that git tracks: it calls the tree clean, as in the clone.
func TestNamedOnlyBesideGit(t *testing.T) {
	c := newClone(t)
	c.write("astrago.yaml", "version: 1")
	c.write("src/a", "a")
	c.commit()
	for name, test := range map[string]struct {
		filter worktree.Filter
		want   bool
	}{
		"everything":     {worktree.Filter{}, true},
		"but .git":       {worktree.Filter{Exclude: []string{".git"}}, false},
		"some of it":     {worktree.Filter{Exclude: []string{".git", "!.git/HEAD"}}, true},
		"named":          {worktree.Filter{Follow: []string{".git", "src"}}, false}, // nothing is left out that was asked for
		"of a directory": {worktree.Filter{Follow: []string{"src"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			tree, err := worktree.Open(t.Context(), worktree.Options{Root: c.root, NamedOnly: []string{"astrago.yaml"}})
			if err != nil {
				t.Fatal(err)
			}
			s, err := tree.Snapshot(t.Context(), ".", test.filter)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Open("astrago.yaml"); (err == nil) != test.want {
				t.Errorf("it is served: %t, want %t", err == nil, test.want)
			}
		})
	}
}

// TestNamedOnlyBehindLinks gives a build what its links lead to, and all of it: a link without its file would be another image.
func TestNamedOnlyBehindLinks(t *testing.T) {
	for name, test := range map[string]struct {
		link, target string
		want         bool // the file that is behind it, or would be
	}{
		"to the directory":          {"run", "tools/ci", true},
		"to a file in it":           {"run", "tools/ci/x", true},
		"to a file that is named":   {"sub/configuration", "../astrago.yaml", true},
		"from another directory":    {"sub/run", "../tools/ci/x", true},
		"absolute":                  {"run", "/tools/ci/x", true},
		"to something else":         {"run", "src/a", false},
		"to a name that begins so":  {"run", "tools/cinema", false},
		"from the directory itself": {"tools/ci/run", "x", false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClone(t)
			for _, file := range []string{"astrago.yaml", "src/a", "sub/b", "tools/b", "tools/ci/x", "tools/cinema"} {
				c.write(file, file)
			}
			if err := os.Symlink(test.target, c.path(test.link)); err != nil {
				t.Fatal(err)
			}
			c.commit()
			options := worktree.Options{Root: c.root, Hidden: []string{c.path(".git")}, NamedOnly: []string{"tools/ci", "astrago.yaml"}}
			tree, err := worktree.Open(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			s, err := tree.Snapshot(t.Context(), ".", worktree.Filter{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Open("tools/ci/x"); (err == nil) != test.want {
				t.Errorf("it is served: %t, want %t: %s", err == nil, test.want, paths(s))
			}
		})
	}
}
