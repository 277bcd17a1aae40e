package yamledit_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

func TestApplyBlockScalar(t *testing.T) {
	doc := string(fixture(t, "blocks.yaml"))
	for _, c := range []struct{ key, old, text string }{
		{"literal", "literal: |\n  old-value\n", "literal: |-\n  x\n"},
		{"folding", "folding: >   # with a comment\n  old\n  value\n", "folding: >-   # with a comment\n  x\n"},
		{"chomped", "chomped: |-\n    old-value\n", "chomped: |-\n    x\n"},
		{"keep", "keep: |+\n  text\n", "keep: |-\n  x\n"},
		{"script", "script: |\n  # not a comment\n  tag: \"decoy\"\n\n    indented\n", "script: |-\n  x\n"},
	} {
		edit, err := yamledit.Apply([]byte(doc), "."+c.key+` = "x"`)
		if err != nil {
			t.Errorf("%s: %v", c.key, err)
			continue
		}
		if want := strings.Replace(doc, c.old, c.text, 1); string(edit.Bytes) != want {
			t.Errorf("%s: got:\n%s\nwant:\n%s", c.key, edit.Bytes, want)
		}
	}
}
