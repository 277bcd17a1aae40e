package yamledit_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

func TestCreate(t *testing.T) {
	for _, c := range []struct {
		name, doc, expression, want string
		line                        int
	}{
		{"end of the file", "core:\n  repository: \"r\"", `.core.tag = "x"`, "core:\n  repository: \"r\"\n  tag: \"x\"", 3},
		{
			"in the middle", "core:\n    repository: 'r'   # why\n\n# next\nbatch: {}\n", `.core.tag = "x"`,
			"core:\n    repository: 'r'   # why\n    tag: 'x'\n\n# next\nbatch: {}\n", 3,
		},
		{"CRLF", "core:\r\n  a: b\r\nz: y\r\n", `.core.tag = "x"`, "core:\r\n  a: b\r\n  tag: x\r\nz: y\r\n", 3},
		{"CRLF at the end", "core:\r\n  a: b", `.core.tag = "x"`, "core:\r\n  a: b\r\n  tag: x", 3},
		{"quoted keys", "\"core\":\n  \"a\": 1\n", `.core.tag = "x"`, "\"core\":\n  \"a\": 1\n  \"tag\": x\n", 3},
		{"root", "a: 1\n", `.tag = "1.0"`, "a: 1\ntag: \"1.0\"\n", 2},
		{"after a map", "core:\n  a:\n    b: c\nz: y\n", `.core.tag = "x"`, "core:\n  a:\n    b: c\n  tag: x\nz: y\n", 4},
		{"after a list", "core:\n  a:\n  - b\n  - c: d\n    e: f # g\nz: y\n", `.core.tag = "x"`, "core:\n  a:\n  - b\n  - c: d\n    e: f # g\n  tag: x\nz: y\n", 6},
		{
			"after a flow map", "core:\n  a: {b: [c, {d: e}, # f]\n    ], g: , } # h\nz: y\n", `.core.tag = "x"`,
			"core:\n  a: {b: [c, {d: e}, # f]\n    ], g: , } # h\n  tag: x\nz: y\n", 4,
		},
		{"after an empty flow list", "core:\n  a: [ ] # b\nz: y\n", `.core.tag = "x"`, "core:\n  a: [ ] # b\n  tag: x\nz: y\n", 3},
		{"after nothing", "core:\n  a: # b\nz: y\n", `.core.tag = "x"`, "core:\n  a: # b\n  tag: x\nz: y\n", 3},
		{"after an alias", "d: &d 1\ncore:\n  a: *d # b\nz: y\n", `.core.tag = "x"`, "d: &d 1\ncore:\n  a: *d # b\n  tag: x\nz: y\n", 4},
		{"after a block scalar", "core:\n  a: |\n    b\n\n    c\nz: y\n", `.core.tag = "x"`, "core:\n  a: |\n    b\n\n    c\n  tag: x\nz: y\n", 6},
		{
			"in a list", "images:\n- name: core\n- name: batch\n", `(.images[] | select(.name == "core") | .tag) = "x"`,
			"images:\n- name: core\n  tag: x\n- name: batch\n", 3,
		},
		{"Korean", "서비스:\n  이름: \"값\"\n", `.서비스.태그 = "x"`, "서비스:\n  이름: \"값\"\n  태그: \"x\"\n", 3},
		{"two documents", "a: 1\n---\nb:\n  c: 1\n", `(select(documentIndex == 1) | .b.tag) = "x"`, "a: 1\n---\nb:\n  c: 1\n  tag: x\n", 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			edit, err := yamledit.Options{Create: true}.Apply([]byte(c.doc), c.expression)
			if err != nil {
				t.Fatal(err)
			}
			if string(edit.Bytes) != c.want {
				t.Errorf("got:\n%q\nwant:\n%q", edit.Bytes, c.want)
			}
			if len(edit.Changes) != 1 || edit.Changes[0].Old != "" || edit.Changes[0].Line != c.line || len(edit.Targets) != 0 {
				t.Errorf("changes %+v, targets %+v", edit.Changes, edit.Targets)
			}
			if _, err := yamledit.Apply([]byte(c.doc), c.expression); problem.As(err) == nil {
				t.Errorf("without the option: %v", err)
			}
		})
	}
}

func TestCreateSeveral(t *testing.T) {
	doc := "core:\n  a: 1\nbatch:\n  tag: old\n"
	edit, err := yamledit.Options{Create: true}.Apply([]byte(doc), `.core.tag = "x" | .core.digest = "d1"`, `.batch.tag = "new"`)
	if err != nil {
		t.Fatal(err)
	}
	if want := "core:\n  a: 1\n  tag: x\n  digest: d1\nbatch:\n  tag: new\n"; string(edit.Bytes) != want {
		t.Errorf("got:\n%s", edit.Bytes)
	}
	if c := edit.Changes; len(c) != 3 || c[0].Line != 3 || c[1].Line != 3 || c[2].Path != "batch.tag" {
		t.Errorf("changes %+v", c)
	}
}

func TestCreateRefuses(t *testing.T) {
	for _, c := range []struct{ doc, expression string }{
		{"core: {a: 1}\n", `.core.tag = "x"`},                        // a flow map
		{"core: {}\n", `.core.tag = "x"`},                            // and an empty one
		{"core:\n", `.core.tag = "x"`},                               // no map at all
		{"core: text\n", `.core.tag = "x"`},                          // a scalar
		{"a: 1\n", `.core.tag = "x"`},                                // two levels
		{"a: 1\n", `.tag = 5`},                                       // no string
		{"a: 1\n", `.tag = ""`},                                      // nothing
		{"a: 1\n", `.tag = "$TAG"`},                                  // not filled in
		{"l: [a]\n", `.l[1] = "x"`},                                  // an item
		{"d: &d\n  a: 1\ne: *d\n", `.d.tag = "x"`},                   // shared
		{"? a\n: b\n", `.tag = "x"`},                                 // explicit keys
		{"core:\n  a: |+\n    b\n\nz: y\n", `.core.tag = "x"`},       // the text below belongs to a
		{"core:\n  a: |2\n     b\nz: y\n", `.core.tag = "x"`},        // not understood
		{"a: {b: c}\nd: 1\n", `.a.b = "x" | .d.e = "y"`},             // below a number
		{"core:\n  a: 1\n", `.core = {"tag": "x", "a": 1}`},          // another order
		{"core:\n  a: 1\n", `.core = {"a": 1, "tag": {"x": "y"}}`},   // a map
		{"core:\n  a: 1\nx: {{ .Values.x }}\n", `.core.tag = "x"`},   // a template
		{"core:\n  a: b\n   c\nz: y\n", `.core.tag = "x" | del(.z)`}, // and more
	} {
		edit, err := yamledit.Options{Create: true}.Apply([]byte(c.doc), c.expression)
		if p := problem.As(err); p == nil || p.Status != problem.Refused {
			t.Errorf("%q on %q: %+v, %v", c.expression, c.doc, edit, err)
		}
	}
}
