package yamledit_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

// Each expression of a list has to set something by itself, wherever its assignment stands.
func TestEveryExpressionReaches(t *testing.T) {
	const doc = "image:\n  tag: \"a\"\nimages:\n- name: core\n  newTag: b\n- name: batch\n  newTag: b\nx:\n  image: \"r:core-dev-1\"\n"
	for _, expressions := range [][]string{
		{`.image.tag = "c"`, `.images |= map(select(.name == "nope").newTag = "c")`},
		{`.image.tag = "c"`, `(.images[] | select(.name == "nope") | .newTag) = "c"`},
		{`.image.tag = "c"`, `.x |= (select(has("initTag")) | .initTag = "c")`},
		{`.image.tag = "c"`, `.x.image |= select(. == "nope")`},
		{`.image.tag = "c"`, `.`},
		{`.image.tag = "c" | (.images |= map(select(.name == "nope").newTag = "c"))`},
		{`.images |= map(.newTag = "c")`, `.images[] |= (select(.name == "nope") | .newTag = "d")`},
	} {
		edit, err := yamledit.Apply([]byte(doc), expressions...)
		if err == nil {
			t.Errorf("%q: changes %+v", expressions, edit.Changes)
			continue
		}
		if p := problem.As(err); p == nil || p.Status != problem.Refused || !strings.Contains(err.Error(), "nothing in the file is set by it") {
			t.Errorf("%q: %v", expressions, err)
		}
	}
	for _, expressions := range [][]string{
		{`.image.tag = "c"`, `.image.tag = "d"`},
		{`.image.tag = "c"`, `.images |= map(select(.name == "core").newTag = "c")`},
		{`.image.tag = "a"`, `.images[] |= (select(.name == "core") | .newTag = "b")`},
		{`.x.image |= sub("core-dev-.*$", "core-dev-2")`, `.image.tag = .x.image`},
	} {
		if _, err := yamledit.Apply([]byte(doc), expressions...); err != nil {
			t.Errorf("%q: %v", expressions, err)
		}
	}
}

// All problems of a file are reported at once: one run, one list.
func TestAllMistakesAtOnce(t *testing.T) {
	const doc = "a: 1\nb:\nc: x\nd: &t x\ne: *t\nlist: [x]\n"
	_, err := yamledit.Apply([]byte(doc), `.a = "t"`, `.b = "t"`, `.gone = "t"`, `.d = "t"`, `(.list[] | select(. == "nope")) = "t"`, `.c = ""`)
	if err == nil {
		t.Fatal("nothing is refused")
	}
	for _, part := range []string{
		"setting .a: it is a number", "setting .b: it has no value", "setting .gone: the file has no such key",
		"setting .d: the value is shared", "nothing in the file is set by it", "setting .c: the new value is empty",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("without %q:\n%v", part, err)
		}
	}
}
