package yamledit_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

// The YAML reader counts lines as YAML 1.1 does, and columns in characters.
func TestPositions(t *testing.T) {
	for name, doc := range map[string]string{
		"LF":                          "# a\n\na: 1\ncore: {x: 1, tag: old}\nb: 1\n",
		"CRLF":                        "# a\r\n\r\na: 1\r\ncore: {x: 1, tag: old}\r\nb: 1\r\n",
		"CR":                          "# a\r\ra: 1\rcore: {x: 1, tag: old}\rb: 1\r",
		"all of them":                 "# a\r\n\ra: 1\ncore: {x: 1, tag: old}\rb: 1\n",
		"NEL, LS and PS":              "# a\u0085# b\u2028# c\u2029a: 1\ncore: {x: 1, tag: old}\n",
		"LS in a value":               "a: \"b\u2028c\"\ncore: {x: 1, tag: old}\n",
		"byte order mark":             "\uFEFFcore: {x: 1, tag: old}\n",
		"byte order mark and comment": "\uFEFF# a\ncore: {x: 1, tag: old}\n",
		"inner byte order mark":       "a: 1\n---\n\uFEFFb: 1\n---\ncore: {x: 1, tag: old}\n",
		"Korean":                      "가나다: {라: 마, 바: \"사\"}\ncore: {한글: 값, tag: old, 뒤: 끝}\n",
		"beyond the first plane":      "core: {🚀: 🎉, tag: old, 뒤: 𝒳}\n",
		"combining characters":        "core: {e\u0301: a\u0308, tag: old}\n",
		"minified":                    `{"a":"한","core":{"b":"c","tag":"old","d":"old"},"e":"f"}`,
		"tabs":                        "core:\t{x:\t1,\ttag:\told\t}\t# old\n",
		"directive":                   "%YAML 1.1\n---\ncore:\n  tag: old\n...\n",
		"first line":                  "--- {core: {tag: old}}\n",
	} {
		t.Run(name, func(t *testing.T) {
			edit, err := yamledit.Apply([]byte(doc), `(select(.core) | .core.tag) = "new"`)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.Replace(doc, "old", "new", 1); string(edit.Bytes) != want {
				t.Errorf("got:\n%q\nwant:\n%q", edit.Bytes, want)
			}
		})
	}
}
