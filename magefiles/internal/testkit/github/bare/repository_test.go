package bare_test

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

func open(t *testing.T) *bare.Repository {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "x.git")
	r, err := bare.Init(t.Context(), dir, "main")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		if out, err := exec.Command("git", "-C", dir, "fsck", "--strict").CombinedOutput(); err != nil {
			t.Errorf("git fsck: %v\n%s", err, out)
		}
	})
	return r
}

// commit writes files on top of a parent ("" for none) without moving a reference. A nil content deletes.
func commit(t *testing.T, r *bare.Repository, parent string, files map[string][]byte) string {
	t.Helper()
	var changes []bare.Change
	for path, data := range files {
		change := bare.Change{Path: path}
		if data != nil {
			oid, err := r.WriteBlob(t.Context(), data)
			if err != nil {
				t.Fatal(err)
			}
			change = bare.Change{Mode: bare.FileMode, Path: path, OID: oid}
		}
		changes = append(changes, change)
	}
	tree, err := r.WriteTree(t.Context(), parent, changes)
	if err != nil {
		t.Fatal(err)
	}
	who := bare.Person{Name: "A <b>", Email: "a@example.com", When: time.Date(2025, 1, 2, 3, 4, 5, 0, time.FixedZone("", 9*3600))}
	c := bare.Commit{Tree: tree, Author: who, Committer: who, Message: "제목\n\nbody without a final line feed"}
	if parent != "" {
		c.Parents = []string{parent}
	}
	sha, err := r.WriteCommit(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return sha
}

func paths(t *testing.T, r *bare.Repository, rev string) []string {
	t.Helper()
	_, entries, err := r.Tree(rev, true)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Path)
	}
	return list
}
