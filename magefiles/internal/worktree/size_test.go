package worktree_test

import (
	"fmt"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

func TestSizeNamesTheDeepestFolderWithHalf(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]int // folder -> files of one byte
		want  worktree.Size
	}{
		"generated":     {map[string]int{"web/node_modules/a": 4, "web/node_modules/b": 4, "src": 2}, worktree.Size{Files: 10, Bytes: 10, Folder: "web/node_modules", Within: 8}},
		"one of two":    {map[string]int{"a": 6, "b": 4}, worktree.Size{Files: 10, Bytes: 10, Folder: "a", Within: 6}},
		"spread":        {map[string]int{"a": 3, "b": 3, "c": 3}, worktree.Size{Files: 9, Bytes: 9}},
		"no folder":     {map[string]int{".": 3}, worktree.Size{Files: 3, Bytes: 3}},
		"nothing there": {nil, worktree.Size{}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClone(t)
			for dir, n := range test.files {
				for i := range n {
					c.write(fmt.Sprint(dir, "/", i), "x")
				}
			}
			tree := c.open()
			if got := tree.Size("."); got != (worktree.Size{}) {
				t.Errorf("before anything was read: %+v", got)
			}
			for _, exclude := range []string{"", "*"} { // the largest counts
				if _, err := tree.Snapshot(t.Context(), ".", worktree.Filter{Exclude: []string{exclude}}); err != nil {
					t.Fatal(err)
				}
			}
			if got := tree.Size(c.root); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
