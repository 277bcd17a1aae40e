package targets_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// seen are the headings of a table's first column, where it has messages.
func seen() []string { return []string{"| what you see |", "| 증상 |"} }

// messages are those of the rows of a document's tables of what people see.
func messages(t *testing.T, name string) (rows [][]string) {
	t.Helper()
	inside := false
	for line := range strings.Lines(guide(t, name)) {
		switch {
		case slices.ContainsFunc(seen(), func(heading string) bool { return strings.HasPrefix(line, heading) }):
			inside = true
			continue
		case !strings.HasPrefix(line, "|"):
			inside = false
		}
		if !inside || strings.HasPrefix(line, "|-") {
			continue
		}
		cell, _, _ := strings.Cut(line[2:], " |")
		var spans []string
		for i, part := range strings.Split(cell, "`") {
			if i%2 == 1 {
				spans = append(spans, part)
			}
		}
		if len(spans) == 0 {
			t.Errorf("%s has a row without a message: %s", name, cell)
		}
		rows = append(rows, spans)
	}
	return rows
}

// TestReadmeMessagesAreReal looks for every message of the README and of docs/ in what the code, its tests or the entry say.
// Where it has …, the parts around it are looked for.
func TestReadmeMessagesAreReal(t *testing.T) {
	t.Parallel()
	said := append(literals(t), readFile(t, filepath.Join("..", "..", "scripts", "mage")))
	all := 0
	for _, name := range guides(t) {
		rows := messages(t, name)
		all += len(rows)
		for _, message := range slices.Concat(rows...) {
			for part := range strings.SplitSeq(message, "…") {
				part = strings.Trim(part, " :,")
				if !slices.ContainsFunc(said, func(text string) bool { return strings.Contains(text, part) }) {
					t.Errorf("nothing says %q, of the message %q of %s", part, message, name)
				}
			}
		}
		if other := korean(name); other != "" {
			if theirs := messages(t, other); !slices.EqualFunc(rows, theirs, slices.Equal) {
				t.Errorf("%s is for other messages: %q", other, theirs)
			}
		}
	}
	if all < 60 {
		t.Errorf("%d rows", all)
	}
}

// literals are the strings of all Go files but the READMEs' tests.
func literals(t *testing.T) (all []string) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasPrefix(filepath.Base(path), "readme_") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if text, err := strconv.Unquote(literal.Value); err == nil {
					all = append(all, text)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
