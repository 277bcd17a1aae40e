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

// messages are those of the rows of a README's table of what newcomers see.
func messages(t *testing.T, readme string) (rows [][]string) {
	t.Helper()
	text := readFile(t, filepath.Join("..", "..", readme))
	_, table, found := strings.Cut(text, "is not checked out: its targets are missing")
	if !found {
		t.Fatalf("%s has no such table", readme)
	}
	for line := range strings.Lines("| `… is not checked out: its targets are missing" + table) {
		if !strings.HasPrefix(line, "| ") {
			return rows
		}
		cell, _, _ := strings.Cut(line[2:], " |")
		var spans []string
		for i, part := range strings.Split(cell, "`") {
			if i%2 == 1 {
				spans = append(spans, part)
			}
		}
		if len(spans) == 0 {
			t.Errorf("%s has a row without a message: %s", readme, cell)
		}
		rows = append(rows, spans)
	}
	return rows
}

// TestReadmeMessagesAreReal looks for every message of the table in what the code, its tests or the entry say. Where it has …,
// the parts around it are looked for.
func TestReadmeMessagesAreReal(t *testing.T) {
	said := append(literals(t), readFile(t, filepath.Join("..", "..", "scripts", "mage")))
	rows := messages(t, "README.md")
	if len(rows) < 15 {
		t.Errorf("%d rows", len(rows))
	}
	for _, message := range slices.Concat(rows...) {
		for part := range strings.SplitSeq(message, "…") {
			part = strings.Trim(part, " :,")
			if part == "" {
				continue
			}
			if !slices.ContainsFunc(said, func(text string) bool { return strings.Contains(text, part) }) {
				t.Errorf("nothing says %q, of the message %q", part, message)
			}
		}
	}
	if korean := messages(t, "README.ko.md"); !slices.EqualFunc(rows, korean, slices.Equal) {
		t.Errorf("the Korean table is for other messages: %q", korean)
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
