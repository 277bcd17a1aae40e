package worktree_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// hashed returns a Tree that has hashed what a build will ask for, and that the daemon does not have yet.
func (c clone) hashed(content string) *worktree.Tree {
	c.t.Helper()
	first := c.open()
	if _, _, err := c.build(first, "."); err != nil {
		c.t.Fatal(err)
	}
	filter, _ := c.context(first, ".")
	c.write("dir/file", content)
	tree := c.open()
	if _, err := tree.Snapshot(c.t.Context(), ".", filter); err != nil {
		c.t.Fatal(err)
	}
	return tree
}

func TestFileThatChangesAfterHashingFailsTheBuild(t *testing.T) {
	for name, change := range map[string]func(c clone){
		"written":     func(c clone) { c.write("dir/file", "threeee") },
		"same size":   func(c clone) { c.write("dir/file", "333") },
		"emptied":     func(c clone) { c.write("dir/file", "") },
		"removed":     func(c clone) { remove(c.t, c.path("dir/file")) },
		"a directory": func(c clone) { remove(c.t, c.path("dir/file")); mkdir(c.t, c.path("dir/file")) },
		"a pipe":      func(c clone) { remove(c.t, c.path("dir/file")); pipe(c.t, c.path("dir/file")) },
		"a link":      func(c clone) { remove(c.t, c.path("dir/file")); c.link("../Dockerfile", "dir/file") },
		"a link out":  func(c clone) { remove(c.t, c.path("dir/file")); c.link("/etc/passwd", "dir/file") },
		"folder gone": func(c clone) { remove(c.t, c.path("dir")) },
		"folder moved": func(c clone) {
			rename(c.t, c.path("dir"), c.path("old"))
			c.link("old", "dir")
			c.write("old/file", "3")
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClone(t)
			c.write("Dockerfile", copyAll)
			c.write("dir/file", "1")
			tree := c.hashed("two")
			change(c)
			_, server, err := c.build(tree, ".")
			if err == nil || !strings.Contains(err.Error(), `"dir/file"`) || !strings.Contains(err.Error(), "changed while it was being built") {
				t.Fatalf("the build ends with %v", err)
			}
			if p := problem.As(server.Err()); p == nil || p.Remedy == "" || !strings.Contains(p.Error(), `"dir/file"`) {
				t.Errorf("the server ends with %v", server.Err())
			}
		})
	}
}

// Another writing of the same bytes is no change, and what is added later is in no image.
func TestImageIsThatOfTheSnapshot(t *testing.T) {
	c := newClone(t)
	c.write("Dockerfile", copyAll)
	c.write("dir/file", "1")
	tree := c.hashed("two")
	c.write("dir/file", "two")
	c.write("dir/later", "3")
	got, server, err := c.build(tree, ".")
	if err != nil || server.Err() != nil {
		t.Fatal(err, server.Err())
	}
	_, want := c.context(tree, ".")
	if list(got) != list(want.Entries()) || strings.Contains(list(got), "later") {
		t.Errorf("the image has\n%swant\n%s", list(got), list(want.Entries()))
	}
}
