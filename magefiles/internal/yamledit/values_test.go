package yamledit_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

// fixture reads a file of testdata.
func fixture(t testing.TB, name string) []byte {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// replaced is doc with old replaced by text in one line, counted from 1.
func replaced(t *testing.T, doc []byte, line int, old, text string) []byte {
	t.Helper()
	lines := bytes.SplitAfter(doc, []byte("\n"))
	if n := bytes.Count(lines[line-1], []byte(old)); n != 1 {
		t.Fatalf("line %d holds %q %d times: %q", line, old, n, lines[line-1])
	}
	lines[line-1] = bytes.Replace(lines[line-1], []byte(old), []byte(text), 1)
	return bytes.Join(lines, nil)
}

func TestApplyChangesTheScalarAlone(t *testing.T) {
	for _, c := range []struct {
		file, expression string
		line             int    // of the file
		old, text        string // in that line
		path             string
	}{
		{"layout.yaml", `.astrago.core.imageTag = "core-stage-a1b2"`, 9, "core-stage-ba01", "core-stage-a1b2", "astrago.core.imageTag"},
		{"layout.yaml", `.astrago.batch.imageTag = "x"`, 12, "batch-stage-ba01", "x", "astrago.batch.imageTag"},
		{"layout.yaml", `.astrago.batch.repository = "x"`, 11, "shop/backend", "x", "astrago.batch.repository"},
		{"layout.yaml", `.astrago.monitor.imageTag = "x"`, 15, "monitor-stage-ba01", "x", "astrago.monitor.imageTag"},
		{"layout.yaml", `.astrago.frontend.imageTag = "x"`, 20, "frontend-stage-ba01", "x", "astrago.frontend.imageTag"},
		{"layout.yaml", `.astrago.tail = "x"`, 23, "end", "x", "astrago.tail"},
		{"layout.yaml", `.last.imageTag = "x"`, 26, "core-stage-ba01", "x", "last.imageTag"},
		{"layout.yaml", `.storage = "it's"`, 24, "100Gi", "it's", "storage"},
		{"layout.yaml", `.astrago.monitor.imageTag = "it's"`, 15, "monitor-stage-ba01", "it''s", "astrago.monitor.imageTag"},
		{"layout.yaml", `.last.imageTag = "a\"b\\c"`, 26, "core-stage-ba01", `a\"b\\c`, "last.imageTag"},

		{"keys.yaml", `.astrago.["core.v2"].["image tag"] = "x"`, 3, "a1", "x", "astrago[core.v2].image tag"},
		{"keys.yaml", `.astrago.explicit.tag = "x"`, 5, "a2", "x", "astrago.explicit.tag"},
		{"keys.yaml", `.astrago.8080.tag = "x"`, 7, "a3", "x", "astrago[8080].tag"},
		{"keys.yaml", `.astrago.["8081"].tag = "x"`, 8, "a4", "x", "astrago.8081.tag"},
		{"keys.yaml", `.astrago.이름.태그 = "값"`, 10, "a5", "값", "astrago.이름.태그"},
		{"keys.yaml", `.astrago.["a/b-c_d"] = "x"`, 12, "a7", "x", "astrago.a/b-c_d"},

		{"flow.yaml", `.services.tag = "v1.1"`, 1, "v1.0", "v1.1", "services.tag"},
		{"flow.yaml", `.services.tag = "a,b"`, 1, "v1.0", `"a,b"`, "services.tag"},
		{"flow.yaml", `(.list[] | select(.name == "모니터") | .tag) = "x"`, 2, "m1", "x", "list[2].tag"},
		{"flow.yaml", `.list[1].tag = "x"`, 2, "'b1'", "'x'", "list[1].tag"},
		{"flow.yaml", `.wide.tag = "x"`, 5, "v2.0", "x", "wide.tag"},
		{"flow.yaml", `.json.image.tag = "x"`, 8, `"j1"`, `"x"`, "json.image.tag"},
		{"flow.yaml", `.json.after = "x"`, 8, `"k1"`, `"x"`, "json.after"},

		{"blocks.yaml", `.tag = "x"`, 7, "t1", "x", "tag"},
		{"blocks.yaml", `.after = "x"`, 13, "t2", "x", "after"},
		{"blocks.yaml", `.next = "x"`, 17, "t3", "x", "next"},
		{"blocks.yaml", `.end = "x"`, 28, "t4", "x", "end"},

		{"anchors.yaml", `.batch.tag = "x"`, 10, "batch-1", "x", "batch.tag"},
		{"anchors.yaml", `.core.name = "x"`, 7, "name: core", "name: x", "core.name"},
		{"anchors.yaml", `.plain = "x"`, 4, "lonely-1", "x", "plain"},
		{"anchors.yaml", `.both.["<<"][1].tag = "x"`, 18, "inline-1", "x", "both.<<[1].tag"},

		{"duplicates.yaml", `.batch.tag = "x"`, 6, "b1", "x", "batch.tag"},

		{"documents.yaml", `select(documentIndex == 0) | .tag = "x"`, 3, "d0", "x", "tag"},
		{"documents.yaml", `select(document_index == 1).tag = "x"`, 7, "d1", "x", "tag"},
		{"documents.yaml", `(select(.kind == "release") | .tag) = "x"`, 7, "d1", "x", "tag"},
		{"documents.yaml", `with(select(.kind == "release"); .other = "x")`, 8, "o1", "x", "other"},

		{"crlf.yaml", `.core.tag = "x"`, 4, "c1", "x", "core.tag"},
		{"crlf.yaml", `.list[0].tag = "x"`, 7, "l1", "x", "list[0].tag"},
		{"crlf.yaml", `.list[1].tag = "x"`, 8, "l2", "x", "list[1].tag"},
		{"crlf.yaml", `.a = "x"`, 1, `"1"`, `"x"`, "a"},
		{"mixed.yaml", `.core.tag = "x"`, 2, "c1", "x", "core.tag"},
		{"mixed.yaml", `.batch.tag = "x"`, 6, "b1", "x", "batch.tag"},
		{"bom.yaml", `.tag = "x"`, 1, "t1", "x", "tag"},
		{"bom.yaml", `.core.tag = "x"`, 2, "c1", "x", "core.tag"},
		{"space.yaml", `.core.tag = "x"`, 2, "c1", "x", "core.tag"},
		{"space.yaml", `.core.emoji = "🚀"`, 6, "🎉 ✅", "🚀", "core.emoji"},
		{"space.yaml", `.core.한글 = "새 값"`, 7, "값 🚀", "새 값", "core.한글"},
		{"space.yaml", `.core.after = "x"`, 8, "a1", "x", "core.after"},
		{"space.yaml", `.core.last = "x"`, 10, "l1", "x", "core.last"},
		{"template-quoted.yaml", `.core.tag = "x"`, 2, "{{ .Values.tag }}", "x", "core.tag"},

		{"lists.yaml", `(.images[] | select(.name == "core") | .tag) = "x"`, 3, "c1", "x", "images[0].tag"},
		{"lists.yaml", `.images[] |= (select(.name == "batch") | .tag = "x")`, 5, "b1", "x", "images[1].tag"},
		{"lists.yaml", `with(.images[] | select(.name == "monitor"); .tag = "x")`, 7, "m1", "x", "images[2].tag"},
		{"lists.yaml", `.names[1] = "x"`, 10, "a", "x", "names[1]"},
		{"lists.yaml", `.nested[0][1].tag = "x"`, 13, "n2", "x", "nested[0][1].tag"},
		{"lists.yaml", `.images[0].tag |= sub("c", "core-")`, 3, "c1", "core-1", "images[0].tag"},
		{"lists.yaml", `.images[0].tag += "-x"`, 3, "c1", "c1-x", "images[0].tag"},
		{"lists.yaml", `"x" as $v | .images[0].tag = $v`, 3, "c1", "x", "images[0].tag"},
		{"lists.yaml", `.images[0].tag = .images[2].tag`, 3, "c1", "m1", "images[0].tag"},
		{"lists.yaml", `. *d {"images": [{"tag": "x"}]}`, 3, "c1", "x", "images[0].tag"},
		{"lists.yaml", `setpath(["images", 0, "tag"]; "x")`, 3, "c1", "x", "images[0].tag"},
		{"lists.yaml", `.nested[0] |= map(select(.tag == "n1").tag = "x")`, 12, "n1", "x", "nested[0][0].tag"},

		{"types.yaml", `.text = "5678"`, 11, "1234", `"5678"`, "text"},
		{"types.yaml", `.map.a = "x"`, 12, "b", "x", "map.a"},
		{"types.yaml", `.yes = "on"`, 6, ": yes", `: "on"`, "yes"},
		{"properties.yaml", `.a = "x"`, 1, `"v1"`, `"x"`, "a"},
		{"properties.yaml", `.b = "x"`, 2, "v2", "x", "b"},
		{"properties.yaml", `.c = "x"`, 3, "'v3'", "'x'", "c"},
		{"properties.yaml", `.e.tag = "x"`, 10, "v5", "x", "e.tag"},
		{"properties.yaml", `.f[0] = "x"`, 11, "v6", "x", "f[0]"},
		{"properties.yaml", `.f[1] = "x"`, 11, "v7", "x", "f[1]"},
		{"multiline.yaml", `.next = "x"`, 12, "n1", "x", "next"},
	} {
		t.Run(c.file+" "+c.expression, func(t *testing.T) {
			doc := fixture(t, c.file)
			edit, err := yamledit.Apply(doc, c.expression)
			if err != nil {
				t.Fatal(err)
			}
			if want := replaced(t, doc, c.line, c.old, c.text); !bytes.Equal(edit.Bytes, want) {
				t.Fatalf("got:\n%s\nwant:\n%s", edit.Bytes, want)
			}
			if len(edit.Changes) != 1 || edit.Changes[0].Path != c.path || edit.Changes[0].Line != c.line {
				t.Errorf("changes %+v, want %s in line %d", edit.Changes, c.path, c.line)
			}
			again, err := yamledit.Apply(edit.Bytes, c.expression)
			if strings.Contains(c.expression, "select(.tag") || strings.Contains(c.expression, "+=") || strings.Contains(c.expression, "sub(") {
				return // these name the old value
			}
			if err != nil || len(again.Changes) != 0 || !bytes.Equal(again.Bytes, edit.Bytes) {
				t.Errorf("a second run gives %+v, %v", again, err)
			}
		})
	}
}

func TestApplySeveral(t *testing.T) {
	doc := fixture(t, "layout.yaml")
	edit, err := yamledit.Apply(doc,
		`.last.imageTag = "l"`,
		`.astrago.core.imageTag = "c" | .astrago.batch.imageTag = "batch-stage-ba01"`,
		`with(.astrago; .monitor.imageTag = "m" | .frontend.imageTag = "f")`)
	if err != nil {
		t.Fatal(err)
	}
	want := replaced(t, doc, 26, "core-stage-ba01", "l")
	want = replaced(t, want, 9, "core-stage-ba01", "c")
	want = replaced(t, want, 15, "monitor-stage-ba01", "m")
	want = replaced(t, want, 20, "frontend-stage-ba01", "f")
	if !bytes.Equal(edit.Bytes, want) {
		t.Errorf("got:\n%s\nwant:\n%s", edit.Bytes, want)
	}
	if want := []yamledit.Change{
		{Path: "astrago.core.imageTag", Old: "core-stage-ba01", New: "c", Line: 9},
		{Path: "astrago.monitor.imageTag", Old: "monitor-stage-ba01", New: "m", Line: 15},
		{Path: "astrago.frontend.imageTag", Old: "frontend-stage-ba01", New: "f", Line: 20},
		{Path: "last.imageTag", Old: "core-stage-ba01", New: "l", Line: 26},
	}; !reflect.DeepEqual(edit.Changes, want) {
		t.Errorf("changes %+v", edit.Changes)
	}
	if want := []yamledit.Target{
		{Path: "astrago.core.imageTag", Value: "core-stage-ba01", Line: 9, New: "c", Expression: 1},
		{Path: "astrago.batch.imageTag", Value: "batch-stage-ba01", Line: 12, New: "batch-stage-ba01", Expression: 1},
		{Path: "astrago.monitor.imageTag", Value: "monitor-stage-ba01", Line: 15, New: "m", Expression: 2},
		{Path: "astrago.frontend.imageTag", Value: "frontend-stage-ba01", Line: 20, New: "f", Expression: 2},
		{Path: "last.imageTag", Value: "core-stage-ba01", Line: 26, New: "l"},
	}; !reflect.DeepEqual(edit.Targets, want) {
		t.Errorf("targets %+v", edit.Targets)
	}
}

func TestApplyNothingToDo(t *testing.T) {
	doc := fixture(t, "layout.yaml")
	for _, expressions := range [][]string{nil, {`.astrago.core.imageTag = "core-stage-ba01"`}, {`.astrago.core.imageTag = .last.imageTag`}} {
		edit, err := yamledit.Apply(doc, expressions...)
		if err != nil {
			t.Fatal(err)
		}
		if len(edit.Changes) != 0 || !bytes.Equal(edit.Bytes, doc) || len(edit.Targets) != len(expressions) {
			t.Errorf("%q: changes %+v, targets %+v", expressions, edit.Changes, edit.Targets)
		}
	}
}

// One edit can be written in many ways.
func TestApplyAcceptsEveryWayOfSetting(t *testing.T) {
	doc := fixture(t, "layout.yaml")
	want := replaced(t, doc, 26, "core-stage-ba01", "x")
	for _, expression := range []string{
		`.last.imageTag = "x"`, `.last.imageTag |= "x"`, `(.last | .imageTag) = "x"`, `.last.["imageTag"] = "x"`, `."last"."imageTag" = "x"`,
		`.last |= (.imageTag = "x")`, `.last |= . * {"imageTag": "x"}`, `. *= {"last": {"imageTag": "x"}}`, `. * {"last": {"imageTag": "x"}}`,
		`.last = {"imageTag": "x"}`, `.last[] = "x"`, `.la*.imageTag = "x"`, `.last.imageTag = "x" # why`, `.last.imageTag = .nope // "x"`,
		`.last.imageTag = ("X" | downcase)`, `"x" as $v | .last.imageTag = $v`, `with(.last; .imageTag = "x")`, `.last.imageTag = "x" | root`,
		`.last.imageTag = "y" | .last.imageTag = "x"`, `.astrago |= with_entries(.) | .last.imageTag = "x"`,
		`.astrago |= with_entries(select(.key != "nope")) | .last.imageTag = "x"`, `setpath(["last", "imageTag"]; "x")`,
		`(.. | select(line == 26 and tag == "!!str")) = "x"`, `.last.imageTag |= sub(".+", "x")`,
	} {
		edit, err := yamledit.Apply(doc, expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if !bytes.Equal(edit.Bytes, want) || len(edit.Changes) != 1 || edit.Changes[0].Path != "last.imageTag" {
			t.Errorf("%s: changes %+v", expression, edit.Changes)
		}
	}
}
