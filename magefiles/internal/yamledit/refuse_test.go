package yamledit_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

func TestApplyRefuses(t *testing.T) {
	for _, c := range []struct {
		file, expression string
		line, column     int
		says             string // in the message or the remedy; several parts are joined by …
	}{
		// Missing keys, and the nearest one that exists.
		{"layout.yaml", `.astrago.cor.imageTag = "x"`, 3, 1, "setting .astrago.cor.imageTag: the file has no such key…did you mean .astrago.core.imageTag (line 9)?"},
		{"layout.yaml", `.astrago.components.core.imageTag = "x"`, 3, 1, "no such key…did you mean .astrago.core.imageTag (line 9)?"},
		{"layout.yaml", `.astrago.core.tag = "x"`, 7, 3, "no such key…did you mean .astrago.core.imageTag (line 9)?"},
		{"layout.yaml", `.completely.different = "x"`, 0, 0, "setting .completely.different: the file has no such key…correct the path"},
		{"layout.yaml", `.astrago.experiment.imageTag.x = "x"`, 19, 5, "setting .astrago.experiment.imageTag.x: the file has no such key"},
		{"lists.yaml", `.images[3].tag = "x"`, 1, 1, "changing .images: it has 3 items and would have 4"},
		{"documents.yaml", `.other = "x"`, 0, 0, "setting .other: document 0 of the file's 3"},
		{"documents.yaml", `select(documentIndex == 0) | .other = "x"`, 0, 0, "setting .other: document 0 of the file's 3 (counted from 0) has no such key…select(documentIndex == 1)"},
		{"documents.yaml", `.kind = "x"`, 0, 0, "it sets values in 3 documents of the file…select one of them"},
		{"documents.yaml", `"x" as $v | .tag = $v`, 0, 0, "it sets values in 2 documents of the file"},
		{"layout.yaml", `"x" as $v | .storage.size = $v`, 0, 0, "nothing in the file is set"},
		{"documents.yaml", `(select(documentIndex < 2) | .tag) = "x"`, 0, 0, "it sets values in 2 documents of the file"},
		// Assignments that yq drops without a word.
		{"layout.yaml", `.storage.size = "x"`, 0, 0, "nothing in the file is set"},
		{"lists.yaml", `(.images[] | select(.name == "cor") | .tag) = "x"`, 0, 0, "nothing in the file is set"},
		{"lists.yaml", `with(.images[] | select(.name == "cor"); .tag = "x")`, 0, 0, "nothing in the file is set"},
		{"lists.yaml", `.images[0].tag = "x" | .names.tag.x = "y"`, 0, 0, "cannot index array"},
		{"layout.yaml", `.last.imageTag = "x" | .storage.size = "y"`, 0, 0, "nothing in the file is set"},
		{"layout.yaml", `.`, 0, 0, "nothing in the file is set"},
		{"documents.yaml", `select(documentIndex == 7) | .tag = "x"`, 0, 0, "it selects none of the file's documents"},
		{"documents.yaml", `setpath(["tag"]; "x") | select(documentIndex == 0)`, 6, 0, "changes it and then drops it"},
		// Values that are not strings, in the file and in the expression.
		{"types.yaml", `.number = "x"`, 1, 9, "it is a number in the file…put the value in quotes"},
		{"types.yaml", `.float = "x"`, 2, 8, "a number"},
		{"types.yaml", `.exponent = "x"`, 3, 11, "a number"},
		{"types.yaml", `.octal = "x"`, 4, 8, "a number"},
		{"types.yaml", `.bool = "x"`, 5, 7, "a truth value"},
		{"types.yaml", `.empty = "x"`, 7, 7, "it has no value in the file (null)"},
		{"types.yaml", `.tilde = "x"`, 8, 8, "it has no value in the file (null)"},
		{"types.yaml", `.date = "x"`, 9, 7, "a date"},
		{"types.yaml", `.custom = "x"`, 10, 9, "of type !vault"},
		{"types.yaml", `.map = "x"`, 12, 6, "it would turn a map into a single value"},
		{"types.yaml", `.list = "x"`, 13, 7, "it would turn a list into a single value"},
		{"types.yaml", `.tag = {"a": "x"}`, 14, 6, "it would turn a single value into a map"},
		{"types.yaml", `.tag = 5`, 14, 6, `the expression gives it a number…put the value in the expression in quotes: .tag = "value"`},
		{"types.yaml", `.tag = 1.20`, 14, 6, "a number"},
		{"types.yaml", `.tag = null`, 14, 6, "null"},
		{"types.yaml", `.tag = true`, 14, 6, "a truth value"},
		{"layout.yaml", `.astrago.experiment.imageTag = "x"`, 19, 0, "it has no value in the file (null)"},
		// Values that nobody means.
		{"layout.yaml", `.last.imageTag = ""`, 26, 13, "the new value is empty"},
		{"layout.yaml", `.last.imageTag = " "`, 26, 13, "the new value is empty"},
		{"layout.yaml", `.last.imageTag = "null"`, 26, 13, `the new value is "null"`},
		{"layout.yaml", `.last.imageTag = "~"`, 26, 13, `the new value is "~"`},
		{"layout.yaml", `.last.imageTag = "core-$TAG"`, 26, 13, "a variable that was not filled in"},
		{"layout.yaml", `.last.imageTag = "${TAG}"`, 26, 13, "a variable that was not filled in"},
		{"layout.yaml", `.last.imageTag = "$(tag)"`, 26, 13, "a variable that was not filled in"},
		{"layout.yaml", `.last.imageTag = "{{ .Tag }}"`, 26, 13, "a variable that was not filled in"},
		{"layout.yaml", `.last.imageTag = "a\nb"`, 26, 13, "a line break or another control character"},
		{"layout.yaml", "\t.last.imageTag = \"a\u0085b\"", 26, 13, "a line break or another control character"},
		// Shared values: every place is named.
		{"anchors.yaml", `.defaults.tag = "x"`, 3, 8, "also change .core.tag (line 6), .batch.tag (line 9), .both.tag (line 18)"},
		{"anchors.yaml", `.core.tag = "x"`, 3, 8, "setting .defaults.tag: the value is shared"},
		{"anchors.yaml", `.scalar = "x"`, 11, 9, "also change .copy (line 12)"},
		{"anchors.yaml", `.copy = "x"`, 12, 7, "setting .copy: it is an alias…in place of *v"},
		{"anchors.yaml", `.list[0].name = "x"`, 14, 11, "also change .again[0].name (line 16)"},
		{"anchors.yaml", `.again[0].tag = "x"`, 15, 10, "setting .list[0].tag: the value is shared"},
		{"anchors.yaml", `explode(.) | .batch.tag = "x"`, 6, 3, "its key \"<<\" would be deleted or renamed"},
		// Keys that stand twice.
		{"duplicates.yaml", `.core.tag = "x"`, 4, 3, `the key "tag" stands more than once in the same map, in lines 2, 4`},
		{"duplicates.yaml", `.core2.tag = "x"`, 12, 1, `the key "core2" stands more than once in the same map, in lines 11, 12`},
		// Whatever is no change of a value.
		{"lists.yaml", `del(.images[0])`, 1, 1, "changing .images: it has 3 items and would have 2"},
		{"lists.yaml", `.images += [{"name": "x"}]`, 1, 1, "it has 3 items and would have 4"},
		{"lists.yaml", `.names |= sort`, 8, 1, "changing .names: its 2 items would be reordered"},
		{"lists.yaml", `.images |= reverse`, 1, 1, "changing .images: its 3 items would be reordered"},
		{"layout.yaml", `.astrago |= sort_keys(.)`, 3, 1, "its keys would be reordered"},
		{"layout.yaml", `del(.astrago.core.imageTag)`, 9, 5, `changing .astrago.core: its key "imageTag" would be deleted or renamed`},
		{"layout.yaml", `.astrago.core |= with_entries(.key |= "x" + .)`, 8, 5, "would be deleted or renamed"},
		{"layout.yaml", `.astrago`, 0, 0, "it would replace the whole file by what it selects"},
		{"layout.yaml", `.storage`, 0, 0, "it would replace the whole file by what it selects"},
		{"layout.yaml", `(.last.imageTag = "x") , .storage`, 0, 0, "it would replace the whole file by what it selects"},
		{"layout.yaml", `.astrago | .core.imageTag = "x"`, 0, 0, "it would replace the whole file by what it selects…put its left side in parentheses"},
		{"layout.yaml", `.last.imageTag style="single"`, 0, 0, "it would change more than values"},
		{"layout.yaml", `.last.imageTag = "x" | .last.imageTag line_comment="y"`, 0, 0, "it would change more than values"},
		{"layout.yaml", `.last.imageTag anchor="a"`, 0, 0, "it would change more than values"},
		{"layout.yaml", `.last.imageTag alias="a"`, 0, 0, "it would change more than values"},
		{"layout.yaml", `.last.imageTag tag="!!int"`, 26, 13, "the expression gives it a number"},
		{"layout.yaml", `del(.nope)`, 0, 0, "nothing in the file is set"},
		{"layout.yaml", `{"a": "b"}`, 3, 1, "its key \"astrago\" would be deleted or renamed"},
		{"layout.yaml", `to_entries`, 0, 0, "it would replace the whole file"},
		{"lists.yaml", `.names[99999999999] = "x"`, 0, 0, "its index is larger than the whole file"},
		// Files that are no values files.
		{"template.yaml", `.core.tag = "x"`, 3, 9, "a template {{ … }} without quotes…{{ .Values.port }}"},
		{"template-broken.yaml", `.core.tag = "x"`, 3, 0, "line 3 looks like a template"},
	} {
		t.Run(c.file+" "+c.expression, func(t *testing.T) {
			refused(t, problem.Refused, fixture(t, c.file), c.expression, c.line, c.column, c.says)
		})
	}
}

// refused applies the expression and checks the problem that comes of it.
func refused(t *testing.T, status int, doc []byte, expression string, line, column int, says string) {
	t.Helper()
	edit, err := yamledit.Apply(doc, expression)
	p := problem.As(err)
	if p == nil {
		t.Fatalf("got %+v, %v", edit, err)
	}
	if p.Status != status || p.Place.Line != line || column != 0 && p.Place.Column != column {
		t.Errorf("got status %d at %d:%d, want %d at %d:%d", p.Status, p.Place.Line, p.Place.Column, status, line, column)
	}
	if p.Remedy == "" {
		t.Error("no remedy")
	}
	rest := err.Error()
	for part := range strings.SplitSeq(says, "…") {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Fatalf("got:\n%v\nwithout %q", err, part)
		}
		rest = after
	}
	if strings.Contains(err.Error(), "hunter2") && !strings.Contains(expression, "custom") {
		t.Errorf("the message shows a credential that stands near:\n%v", err)
	}
	if testing.Verbose() {
		t.Log("\n" + err.Error())
	}
}

func TestApplyUsage(t *testing.T) {
	doc := []byte("tag: old\n")
	for _, c := range []struct{ expression, says string }{
		{``, "it is empty"},
		{".tag = \"\xff\"", "it is not valid UTF-8"},
		{`.tag = `, "parsing the yq expression"},
		{`.tag = "x`, "parsing the yq expression"},
		{`.tag == = "x"`, "parsing the yq expression"},
		{`.tag = env(HOME)`, "may not read the environment"},
		{`.tag = strenv(HOME)`, "may not read the environment"},
		{`.tag |= envsubst`, "may not read the environment"},
		{`.tag = load("values.go")`, "may not read the environment or files"},
		{`.tag = load_str("values.go")`, "may not read the environment or files"},
		{`.tag |= (from_xml | .tag = "x" | to_xml)`, "yq's XML operators are left out of the targets…read and write YAML, JSON or properties"},
		{`.tag |= @xmld`, "XML operators"},
		{`.tag |= to_xml(3)`, "XML operators"},
		{`.tag |= @xml`, "XML operators"},
		{`.tag = system("id")`, "nor start processes"},
	} {
		refused(t, problem.Usage, doc, c.expression, 0, 0, c.says)
	}
	refused(t, problem.Refused, doc, `.tag = "\(env(HOME))"`, 0, 0, "disabled")
}

func TestApplyUndecodable(t *testing.T) {
	for _, c := range []struct {
		doc, says    string
		line, column int
	}{
		{"", "it is empty", 0, 0},
		{"# only a comment\n", "it is empty", 0, 0},
		{"a: b\nc: \xff\n", "line 2 is not valid UTF-8", 2, 0},
		{"\xff\xfea\x00", "not valid UTF-8", 1, 0},
		{"a: [b\n", "reading the file as YAML", 2, 0},
		{"a: b\n\tc: d\n", "reading the file as YAML", 2, 0},
		{"a: &x [*x]\ntag: t\n", `the anchor "x" contains an alias of itself`, 1, 8},
		{"a: *nowhere\n", "unknown anchor", 1, 0},
	} {
		refused(t, problem.Refused, []byte(c.doc), `.tag = "x"`, c.line, c.column, c.says)
	}
}

// A line may hold more than the value in question: the message shows the value alone.
func TestSnippetShowsTheTargetAlone(t *testing.T) {
	_, err := yamledit.Apply([]byte(`{"password": "hunter2", "tag": 5, "more": "hunter2"}`+"\n"), `.tag = "x"`)
	p := problem.As(err)
	if p == nil || p.Place.Snippet != `  > 1 | "tag": 5` || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got:\n%v", err)
	}
	for _, value := range []string{`!!int "hunter2"`, "!!bool hunter2", "!!null 'hunter2'"} { // its tag is no promise
		if _, err := yamledit.Apply([]byte("tag: "+value+"\n"), `.tag = "x"`); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got:\n%v", value, err)
		}
	}
	long := strings.Repeat("긴", 500)
	_, err = yamledit.Apply([]byte("tag: "+long+"\n"), `.tag = ""`)
	if p := problem.As(err); p == nil || len([]rune(p.Place.Snippet)) > 140 {
		t.Errorf("got:\n%v", err)
	}
}
