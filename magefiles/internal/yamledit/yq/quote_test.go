package yq_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// TestAWordOfAValueIsFoundInAMessage quotes each word of a value, wherever the value stands: only what the reader has written
// into the expression may be quoted.
func TestAWordOfAValueIsFoundInAMessage(t *testing.T) {
	const key, value = "password", "https://user:hunter2@host.example/path?token=s3cr3t&x=[l1st],(p4ren);{m4p}<t4g>'q1' 한글"
	docs := []string{"password: V", "a: {password: V}", "a: [b, V]", "V", "password: |\n  V\n", "a: &x V\nb: *x", "a: {b: [[{c: V}]]}"}
	for _, doc := range docs {
		root := tree(t, strings.ReplaceAll(doc, "V", `"`+value+`"`))
		for _, word := range []string{value, "user", "hunter2", "host.example", "s3cr3t", "l1st", "p4ren", "한글"} {
			for _, form := range []string{"W", "cannot parse 'W'", "xWx", "line\nW"} {
				if message := strings.ReplaceAll(form, "W", word); !yq.Quotes(root, ".a = 1", message) {
					t.Errorf("%q: not found in %q", doc, message)
				}
			}
		}
		if message := "cannot set hunter2"; yq.Quotes(root, `.a = "hunter2"`, message) {
			t.Errorf("%q: the expression's own word is taken for the file's in %q", doc, message)
		}
		for _, message := range []string{"", "cannot index " + key, "m4p", "q1"} {
			if yq.Quotes(root, ".a = 1", message) {
				t.Errorf("%q: something is found in %q", doc, message)
			}
		}
	}
}
