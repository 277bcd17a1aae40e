package bare_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

func TestMissingIsTold(t *testing.T) {
	r := open(t)
	sha := commit(t, r, "", map[string][]byte{"dir/file": []byte("x")})
	for _, rev := range []string{"", "nope", "refs/heads/main", sha + ":nope", sha + ":dir/file/below", "two words", "a\nb", strings.Repeat("1", 40)} {
		if _, err := r.Object(rev); !errors.Is(err, bare.ErrMissing) {
			t.Errorf("object %q: %v", rev, err)
		}
	}
	if _, err := r.Object(sha + ":./relative"); err == nil { // git ends over this one
		t.Error("a relative path in a bare repository is found")
	}
	if _, err := r.Object(sha); err != nil {
		t.Errorf("reading after git has ended: %v", err)
	}
	if _, err := r.Commit(sha + "^{tree}"); !errors.Is(err, bare.ErrMissing) {
		t.Errorf("a tree is read as a commit: %v", err)
	}
	if _, err := r.Lookup(sha, "dir/nope"); !errors.Is(err, bare.ErrMissing) {
		t.Errorf("lookup: %v", err)
	}
	if _, err := r.Resolve("HEAD"); !errors.Is(err, bare.ErrMissing) {
		t.Errorf("resolve: %v", err)
	}
}
