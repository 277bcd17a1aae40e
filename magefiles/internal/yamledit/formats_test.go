package yamledit_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

// TestApplyInsideAString edits strings of the file that are documents themselves, in the formats that yq keeps in every
// binary.
func TestApplyInsideAString(t *testing.T) {
	for _, c := range []struct{ was, expression, want string }{
		{`'{"image":{"tag":"a"}}'`, `.text |= (from_json | .image.tag = "b" | to_json(0))`, `'{"image":{"tag":"b"}}'`},
		{`'{"tag":"a"}'`, `.text |= (from_json | .tag = "b" | @json)`, `'{"tag":"b"}'`},
		{`'[{"tag":"a"}]'`, `.text |= (@jsond | .[0].tag = "b" | @json)`, `'[{"tag":"b"}]'`},
		{`"a"`, `.text = ({"tag": "b"} | @json)`, `"{\"tag\":\"b\"}"`},
		{`"tag: a"`, `.text |= (from_yaml | .tag = "b" | to_yaml | trim)`, `"tag: b"`},
		{`"tag = a"`, `.text |= (from_props | .tag = "b" | to_props | trim)`, `"tag = b"`},
		{`"tag,other"`, `.text = (["b", "c"] | @csv)`, `"b,c"`},
		{`"a"`, `.text = ("b" | @base64)`, `"Yg=="`},
		{`"Yg=="`, `.text |= @base64d`, `"b"`},
		{`"a"`, `.text = ("b c" | @uri)`, `"b+c"`},
		{`"a"`, `.text = ("b c" | @sh)`, `"b' c'"`},
	} {
		edit, err := yamledit.Apply([]byte("text: "+c.was+"\n"), c.expression)
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
		} else if got := string(edit.Bytes); got != "text: "+c.want+"\n" {
			t.Errorf("%s: got %q, want %s", c.expression, got, c.want)
		}
	}
}

// TestXMLIsMissingWhereverItIsNamed names XML where yq reads it only during the evaluation: with the build tags of
// scripts/mage and without, the answer is the same.
func TestXMLIsMissingWhereverItIsNamed(t *testing.T) {
	doc := []byte("tag: <x>old</x>\n")
	for _, c := range []struct{ expression, says string }{
		{`.tag = "\(.tag | from_xml | .x)"`, "no support for input format"},
		{`.tag = "\(.tag | to_xml)"`, "no support for output format"},
		{`.tag |= eval("from_" + "xml | .x")`, "no support for input format"},
		{`.tag |= eval("@" + "xml")`, "no support for output format"},
	} {
		refused(t, problem.Refused, doc, c.expression, 0, 0, c.says)
	}
}
