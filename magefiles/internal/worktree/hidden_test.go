package worktree_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

func TestHiddenFilesAreInNoSnapshot(t *testing.T) {
	for name, test := range map[string]struct {
		hide  string
		build func(c clone)
		gone  []string
	}{
		"file":          {".npmrc", func(c clone) { c.write(".npmrc", "token") }, []string{".npmrc"}},
		"directory":     {".astrago", func(c clone) { c.write(".astrago/images/a", "") }, []string{".astrago", ".astrago/images/a"}},
		"below":         {"app/keys/deploy", func(c clone) { c.write("app/keys/deploy", "key") }, []string{"app/keys/deploy"}},
		"roundabout":    {"./app/../.npmrc", func(c clone) { c.write(".npmrc", "token"); c.write("app/a", "") }, []string{".npmrc"}},
		"link":          {"token", func(c clone) { c.write("real/token", "token"); c.link("real/token", "token") }, []string{"token", "real/token"}},
		"linked parent": {"keys/token", func(c clone) { c.write("real/token", "token"); c.link("real", "keys") }, []string{"real/token"}},
		"linked step":   {"keys/../token", func(c clone) { c.write("deep/er/a", ""); c.link("deep/er", "keys"); c.write("deep/token", "token") }, []string{"deep/token"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClone(t)
			c.write("kept", "")
			test.build(c)
			s := c.snapshot(".", worktree.Filter{}, test.hide)
			for _, e := range s.Entries() {
				for _, gone := range test.gone {
					if e.Path == gone {
						t.Errorf("%s is served", gone)
					}
				}
			}
			if !strings.Contains(paths(s), "kept") {
				t.Errorf("the snapshot has %s", paths(s))
			}
			for _, gone := range test.gone {
				if _, err := s.Open(gone); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s is opened: %v", gone, err)
				}
				if _, err := c.open(test.hide).Read(t.Context(), ".", gone); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s is read: %v", gone, err)
				}
			}
		})
	}
}

// A hidden file below the context of another component, which reaches it by another way.
func TestHiddenBelowLinkedContext(t *testing.T) {
	c := newClone(t)
	c.write("services/app/token", "token")
	c.write("services/app/a", "")
	c.link("services/app", "app")
	for _, dir := range []string{"app", "services", "services/app", "."} {
		if got := paths(c.snapshot(dir, worktree.Filter{}, "app/token")); strings.Contains(got, "token") {
			t.Errorf("%s: the snapshot has %s", dir, got)
		}
	}
}
