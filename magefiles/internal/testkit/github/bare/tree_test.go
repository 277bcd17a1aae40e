package bare_test

import (
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

func TestTreeChanges(t *testing.T) {
	r := open(t)
	base := commit(t, r, "", map[string][]byte{"a/b/c": []byte("1"), "a/d": []byte("2"), "e": []byte("3")})
	sub, _, err := r.Tree(base+":a", false)
	if err != nil {
		t.Fatal(err)
	}
	blob, err := r.Lookup(base, "e")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		changes []bare.Change
		want    []string
	}{
		"delete a file":         {[]bare.Change{{Path: "a/b/c"}}, []string{"a", "a/d", "e"}},
		"delete a directory":    {[]bare.Change{{Path: "a"}}, []string{"e"}},
		"set a directory":       {[]bare.Change{{Mode: bare.TreeMode, Path: "f/g", OID: sub}}, []string{"a", "a/b", "a/b/c", "a/d", "e", "f", "f/g", "f/g/b", "f/g/b/c", "f/g/d"}},
		"file over a directory": {[]bare.Change{{Mode: bare.FileMode, Path: "a", OID: blob.OID}}, []string{"a", "e"}},
		"directory over a file": {[]bare.Change{{Mode: bare.FileMode, Path: "e/f", OID: blob.OID}}, []string{"a", "a/b", "a/b/c", "a/d", "e", "e/f"}},
	} {
		t.Run(name, func(t *testing.T) {
			tree, err := r.WriteTree(t.Context(), base, test.changes)
			if err != nil {
				t.Fatal(err)
			}
			if got := paths(t, r, tree); !slices.Equal(got, test.want) {
				t.Errorf("paths = %q, want %q", got, test.want)
			}
		})
	}
}
