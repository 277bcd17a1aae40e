package worktree_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// TestReadIsServed has files that were only read, such as a Dockerfile outside of its context, held against git as those of contexts
// are: an image is found by what they say.
func TestReadIsServed(t *testing.T) {
	flag := func(flag string) func(clone) { return func(c clone) { c.git("update-index", flag, "docker/D") } }
	for name, test := range map[string]struct {
		read   string
		before func(clone)
		after  func(clone)
		doubt  string // path of a finding
		change string // path of a change
	}{
		"as committed":             {read: "docker/D"},
		"assumed unchanged":        {read: "docker/D", before: flag("--assume-unchanged"), doubt: "docker/D"},
		"through a link":           {read: "l", before: flag("--assume-unchanged"), doubt: "docker/D"},
		"skipped and gone":         {read: "docker/D", before: func(c clone) { flag("--skip-worktree")(c); remove(c.t, c.path("docker/D")) }, doubt: "docker/D"},
		"another file is flagged":  {read: "other", before: flag("--assume-unchanged")},
		"of a name like a pattern": {read: "!d ", before: func(c clone) { c.git("update-index", "--assume-unchanged", "!d ") }, doubt: "!d "},
		"changed since":            {read: "docker/D", after: func(c clone) { c.write("docker/D", "new") }, change: "docker/D"},
		"changed behind a link":    {read: "l", after: func(c clone) { c.write("docker/D", "new") }, change: "docker/D"},
		"another target since":     {read: "l", after: func(c clone) { remove(c.t, c.path("l")); c.link("other", "l") }, change: "docker/D"},
		"there since":              {read: "none", after: func(c clone) { c.write("none", "new") }, change: "none"},
		"gone since":               {read: "docker/D", after: func(c clone) { remove(c.t, c.path("docker/D")) }, change: "docker/D"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClone(t)
			for _, file := range []string{"docker/D", "other", "!d "} {
				c.write(file, "old")
			}
			c.link("docker/D", "l")
			c.commit()
			if test.before != nil {
				test.before(c)
			}
			tree := c.open()
			_, _ = tree.Read(t.Context(), ".", test.read) // it need not be there
			found, err := tree.Uncertain(t.Context(), nil)
			if got := namesOf(found); err != nil || got != test.doubt {
				t.Errorf("in doubt is %q, want %q (%v)", got, test.doubt, err)
			}
			if test.after != nil {
				test.after(c)
			}
			changed, err := tree.Changed(t.Context())
			if got := strings.Join(changed, " "); err != nil || got != test.change {
				t.Errorf("changed is %q, want %q (%v)", got, test.change, err)
			}
		})
	}
}

func namesOf(found []worktree.Finding) string {
	var names []string
	for _, f := range found {
		names = append(names, f.Path)
	}
	return strings.Join(names, " ")
}

// TestLiteral has patterns of paths match these paths and no others.
func TestLiteral(t *testing.T) {
	names := []string{"a", " a", "a ", "!a", "\\a", "a*", "ab", "a?", "[a]", "[!a]", "^a", "a^", "a\n", "\u00a0a", "!", " ", "a.b", "a-b", "{a}", "a$", "#a", "d/ a"}
	c := clone{t: t, root: t.TempDir()}
	for _, name := range names {
		c.write(name, "")
	}
	for _, name := range names {
		s := c.snapshot(".", worktree.Filter{Include: []string{worktree.Literal(name)}})
		want := name
		if dir, _, found := strings.Cut(name, "/"); found {
			want = dir + " " + name
		}
		if got := paths(s); got != want {
			t.Errorf("%q is the pattern %q, which matches %q", name, worktree.Literal(name), got)
		}
		all := c.snapshot(".", worktree.Filter{Exclude: []string{worktree.Literal(name)}})
		for _, other := range names {
			if _, err := all.Open(other); (err != nil) != (other == name) {
				t.Errorf("without %q: %q gives %v", worktree.Literal(name), other, err)
			}
		}
	}
}
