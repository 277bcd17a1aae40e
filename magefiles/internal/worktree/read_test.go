package worktree_test

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"
)

func TestReadFollowsLinksWithinTheDirectory(t *testing.T) {
	c := newClone(t)
	c.write("cfg/ignore", "outer")
	c.write("svc/cfg/ignore", "inner")
	c.link("../cfg/ignore", "svc/clamped")          // a build finds svc/cfg/ignore
	c.link("../astrago.yaml", "svc/out")            // and here nothing
	c.link("/cfg/ignore", "svc/absolute")           //
	c.link("cfg/ignore", "svc/in")                  //
	c.link("cfg", "svc/folder")                     //
	c.link("loop", "svc/loop")                      //
	c.link("cfg/../cfg/./ignore", "svc/roundabout") //
	c.link("cfg/ignore/..", "svc/parent")
	c.write("astrago.yaml", "")
	c.link("cfg/ignore", "svc/chain0")
	for i := range 300 {
		c.link(fmt.Sprint("chain", i), fmt.Sprint("svc/chain", i+1))
	}
	tree := c.open()
	for name, want := range map[string]struct {
		text   string
		misled bool
	}{
		"cfg/ignore": {"inner", false}, "clamped": {"inner", true}, "out": {"", true}, "absolute": {"inner", false}, "in": {"inner", false},
		"folder/ignore": {"inner", false}, "folder": {"", false}, "loop": {"", false}, "roundabout": {"inner", false}, "parent": {"", false},
		"chain39": {"inner", false}, "chain254": {"inner", false}, "chain255": {"", false}, "missing": {"", false}, "../cfg/ignore": {"inner", true},
	} {
		got, err := tree.Read(t.Context(), "svc", name)
		if string(got) != want.text || (err == nil) != (want.text != "") || err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is %q (%v), want %q", name, got, err, want.text)
		}
		if misled := tree.Misled("svc", name); misled != want.misled {
			t.Errorf("%s leads elsewhere: %v", name, misled)
		}
	}
}
