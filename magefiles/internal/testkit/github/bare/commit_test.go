package bare_test

import (
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

func TestCommitReadsBackAsWritten(t *testing.T) {
	r := open(t)
	sha := commit(t, r, "", map[string][]byte{"a b/c\td": []byte("x\r\n")})
	c, err := r.Commit(sha)
	if err != nil {
		t.Fatal(err)
	}
	if c.OID != sha || c.Message != "제목\n\nbody without a final line feed" || c.Author.Name != "A b" ||
		c.Author.When.Format(time.RFC3339) != "2025-01-02T03:04:05+09:00" {
		t.Errorf("commit = %+v", c)
	}
	entry, err := r.Lookup(sha, "a b/c\td")
	if err != nil || entry.Mode != bare.FileMode {
		t.Errorf("entry = %+v, %v", entry, err)
	}
	if o, err := r.Object(entry.OID); err != nil || string(o.Data) != "x\r\n" || o.Type != bare.BlobType {
		t.Errorf("blob = %+v, %v", o, err)
	}
}
