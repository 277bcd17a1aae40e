package yamledit_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	yaml "go.yaml.in/yaml/v4"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
)

// FuzzApply sets one of the strings of any file to any value.
func FuzzApply(f *testing.F) {
	for _, doc := range seeds(f) {
		for i, value := range []string{"core-stage-a1b2c3d4", "1234e56", `it's "new", \ {x}: #`} {
			f.Add(doc, uint(i*7), value)
		}
	}
	f.Fuzz(func(t *testing.T, doc []byte, pick uint, value string) {
		found := texts(doc)
		if len(found) == 0 {
			return
		}
		s := found[pick%uint(len(found))]
		expression := s.expression(value)
		if strings.Contains(expression, `\(`) || strings.ContainsAny(fmt.Sprint(s.path), "*?") {
			return // an expression within the text, or a pattern of keys
		}
		edit, err := yamledit.Apply(doc, expression)
		judge(t, doc, expression, edit, err)
		if err == nil && (len(edit.Targets) != 1 || len(edit.Changes) == 1 && edit.Changes[0].New != value) {
			t.Errorf("%s on %q: %+v", expression, doc, edit)
		}
	})
}

// FuzzExpression runs any expression on a few files.
func FuzzExpression(f *testing.F) {
	docs := [][]byte{
		fixture(f, "layout.yaml"), fixture(f, "flow.yaml"), fixture(f, "anchors.yaml"), fixture(f, "documents.yaml"),
		fixture(f, "lists.yaml"), fixture(f, "types.yaml"), fixture(f, "blocks.yaml"), fixture(f, "duplicates.yaml"),
	}
	for _, expression := range []string{
		`.astrago.core.imageTag = "x"`, `select(documentIndex == 0) | .tag = "x"`, `with(.images[]; .tag = "x" | .name = "y")`,
		`.images[] |= (select(.name == "core") | .tag = "x")`, `"x" as $v | .tag = $v`, `. * {"tag": "x"}`, `del(.tag)`, `sort_keys(..)`,
		`(.. | select(tag == "!!str")) = "x"`, `.names |= reverse`, `explode(.)`, `.tag style="double"`, `.core alias="v"`, `.a += {"b": "c"}`,
		`.tag |= sub("o", "0")`, `to_entries`, `.x = .y | .y = .x`, `.[] as $i ireduce ({}; . * $i)`, `.tag tag="!!int"`, `.tag line_comment="x"`,
	} {
		f.Add(expression, uint8(0))
		f.Add(expression, uint8(4))
	}
	f.Fuzz(func(t *testing.T, expression string, pick uint8) {
		if len(expression) > 200 || copies(expression) {
			return
		}
		doc := docs[int(pick)%len(docs)]
		edit, err := yamledit.Apply(doc, expression)
		judge(t, doc, expression, edit, err)
	})
}

// copies finds expressions that may put the whole file into each of its own parts: yq itself has no bound for what
// `.[] = .` makes of a file.
func copies(expression string) bool {
	if strings.Contains(expression, "*=") { // merges each part with what the left side finds in it
		return true
	}
	rest := strings.NewReplacer("==", "", "!=", "").Replace(expression)
	other := strings.Count(rest, "=") - len(ofText.FindAllString(rest, -1))
	if strings.Contains(rest, "..") && strings.Count(rest, "=") > 1 {
		return true
	}
	return other > 1 || other == 1 && (strings.ContainsAny(rest, "*?[,") || strings.Contains(rest, ".."))
}

// ofText finds an assignment of a text.
var ofText = regexp.MustCompile(`=\s*("[^"]*"|\(\s*select\b)`)

// judge checks that a refusal is one for users, and that an edit's decoded difference is exactly what it reports.
func judge(t *testing.T, doc []byte, expression string, edit *yamledit.Edit, err error) {
	t.Helper()
	if err != nil {
		p := problem.As(err)
		if p == nil || p.Remedy == "" || edit != nil {
			t.Errorf("%s on %q: %+v, %v", expression, doc, edit, err)
		}
		if strings.Contains(err.Error(), "not just the value") || strings.Contains(err.Error(), "more than the values to set") {
			t.Errorf("%s on %q was found and spliced wrongly, which the proof has noticed: %v", expression, doc, err)
		}
		return
	}
	var reported []string
	for _, c := range edit.Changes {
		reported = append(reported, fmt.Sprintf("%d %q %q", c.Line, c.Old, c.New))
	}
	before, after := trees(doc), trees(edit.Bytes)
	if len(before) != len(after) {
		t.Fatalf("%s on %q: %d documents became %d", expression, doc, len(before), len(after))
	}
	var different []string
	for i := range before {
		different = append(different, differences(before[i], after[i])...)
	}
	if strings.Join(different, "\n") != strings.Join(reported, "\n") {
		t.Errorf("%s on %q: the edit %q reports %q, and differs by %q", expression, doc, edit.Bytes, reported, different)
	}
	if len(reported) == 0 && !bytes.Equal(doc, edit.Bytes) {
		t.Errorf("%s on %q: bytes changed, and nothing is reported", expression, doc)
	}
}

// differences lists the strings with another value, and everything else that is not equal as "other".
func differences(a, b *yaml.Node) []string {
	if a.Kind != b.Kind || a.Tag != b.Tag || a.Anchor != b.Anchor || len(a.Content) != len(b.Content) ||
		a.HeadComment != b.HeadComment || a.LineComment != b.LineComment || a.FootComment != b.FootComment {
		return []string{fmt.Sprintf("other: %+v became %+v", a, b)}
	}
	if a.Value != b.Value {
		return []string{fmt.Sprintf("%d %q %q", a.Line, a.Value, b.Value)}
	}
	var all []string
	for i := range a.Content {
		all = append(all, differences(a.Content[i], b.Content[i])...)
	}
	return all
}

func trees(doc []byte) (all []*yaml.Node) {
	decoder := yaml.NewDecoder(bytes.NewReader(doc))
	for {
		n := &yaml.Node{}
		if err := decoder.Decode(n); errors.Is(err, io.EOF) || err != nil {
			return all
		}
		all = append(all, n)
	}
}

// texts are all strings of a file that a plain path names.
func texts(doc []byte) (all []scalar) {
	defer func() { _ = recover() }() // the YAML library's own panics are not what is tested here
	for i, root := range trees(doc) {
		collect(root.Content[0], scalar{document: i}, true, map[*yaml.Node]bool{}, &all)
	}
	return all
}

// seeds are the fixtures, and the smaller files of the corpus.
func seeds(f *testing.F) (docs [][]byte) {
	f.Helper()
	names, _ := filepath.Glob(filepath.Join("testdata", "*.yaml"))
	if dir := corpus(f); dir != "" {
		more, _ := filepath.Glob(filepath.Join(dir, "*"))
		names = append(names, more...)
	}
	for _, name := range names {
		doc, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if len(doc) < 6<<10 {
			docs = append(docs, doc)
		}
	}
	return docs
}
