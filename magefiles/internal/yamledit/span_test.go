package yamledit_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

func TestApplyMultiline(t *testing.T) {
	doc := "plain: one\n  two\n\n  three # comment\nsingle: 'one\n  two'\ndouble: \"one \\\n  two\\n\n  three\"\n" +
		"flow: {tag: one\n    two, other: x}\nnext: n1\n"
	if doc != string(fixture(t, "multiline.yaml")) {
		t.Fatal("testdata/multiline.yaml is another")
	}
	for _, c := range []struct{ path, old, text string }{
		{"plain", "one\n  two\n\n  three", "x"},
		{"single", "'one\n  two'", "'x'"},
		{"double", "\"one \\\n  two\\n\n  three\"", `"x"`},
		{"flow.tag", "one\n    two", "x"},
		{"flow.other", "other: x", "other: z"},
	} {
		value := "x"
		if c.path == "flow.other" {
			value = "z"
		}
		edit, err := yamledit.Apply([]byte(doc), `.`+c.path+` = "`+value+`"`)
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		if want := strings.Replace(doc, c.old, c.text, 1); string(edit.Bytes) != want {
			t.Errorf("%s: got:\n%s\nwant:\n%s", c.path, edit.Bytes, want)
		}
	}
}

// Only spaces, tabs and line breaks are white space in YAML.
func TestApplyOtherWhiteSpace(t *testing.T) {
	edit, err := yamledit.Apply([]byte("tag: \u00a0old\u3000 # note\n"), `.tag = "new"`)
	if err != nil || string(edit.Bytes) != "tag: new # note\n" {
		t.Errorf("got %+v, %v", edit, err)
	}
}
