package yamledit_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

func TestHints(t *testing.T) {
	for name, c := range map[string]struct{ doc, expression, says string }{
		"flat key":             {"image.tag: a\nother: b\n", `.image.tag = "x"`, `did you mean .["image.tag"] (line 1)?`},
		"flat key below":       {"core:\n  image.tag: a\n", `.core.image.tag = "x"`, `did you mean .core.["image.tag"] (line 2)?`},
		"empty document first": {"---\n---\ntag: a\n", `.tag = "x"`, "an empty document…select(documentIndex == 1)"},
		"empty document last":  {"tag: a\n---\n", `.tag = "x"`, "an empty document…select(documentIndex == 0)"},
		"another document":     {"a: b\n---\ntag: a\n", `.tag = "x"`, "select(documentIndex == 1)"},
		"dotenv":               {"TAG=core-1\nPASSWORD=hunter2\n", `.TAG = "x"`, "KEY=value"},
		"tfvars":               {"tag = \"core-1\"\n", `.tag = "x"`, "KEY=value"},
		"LFS":                  {"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n", `.tag = "x"`, "a pointer of Git LFS"},
		"jinja":                {"tag: a\n{% if x %}\nb: c\n{% endif %}\n", `.tag = "x"`, "looks like a template {% … %}"},
		"text":                 {"just words\n", `.tag = "x"`, "a single text and no map"},
	} {
		_, err := yamledit.Apply([]byte(c.doc), c.expression)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v", name, err)
			continue
		}
		for part := range strings.SplitSeq(c.says, "…") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: without %q: %v", name, part, err)
			}
		}
	}
}
