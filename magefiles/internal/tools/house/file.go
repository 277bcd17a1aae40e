package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// file is one Go file that a person has written.
type file struct {
	path, dir string // from the root, with slashes
	area      Area
	lines     []string
	set       *token.FileSet
	tree      *ast.File
}

// tools are the directories below magefiles/internal that application repositories do not compile, beside the testkit.
var tools = []string{"bench", "demo", "project", "publish", "tools"}

// mageOutput is the file that mage writes beside a magefile while it compiles it, which a test may be doing.
const mageOutput = "mage_output_file.go"

func read(root string) (files []file, err error) {
	set := token.NewFileSet()
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" || entry.Name() == mageOutput {
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		tree, err := parser.ParseFile(set, name, data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil || ast.IsGenerated(tree) {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		relative = filepath.ToSlash(relative)
		lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
		files = append(files, file{path: relative, dir: path.Dir(relative), area: area(relative), lines: lines, set: set, tree: tree})
		return nil
	})
	return files, err
}

func area(name string) Area {
	below, _ := strings.CutPrefix(name, "magefiles/internal/")
	room, _, _ := strings.Cut(below, "/")
	switch {
	case strings.HasSuffix(name, "_test.go"):
		return Tests
	case room == "testkit":
		return Testkit
	case slices.Contains(tools, room), name == "magefiles/magefile.go":
		return Tools
	}
	return Product
}

// functions are the lengths of the file's functions.
func (f file) functions() (all []Size) {
	for _, declared := range f.tree.Decls {
		if function, ok := declared.(*ast.FuncDecl); ok {
			first, last := f.set.Position(function.Pos()).Line, f.set.Position(function.End()).Line
			all = append(all, Size{fmt.Sprintf("%s:%d %s", f.path, first, function.Name.Name), last - first + 1})
		}
	}
	return all
}

// tabWidth is the number of columns that a tab takes.
const tabWidth = 4

// long are the lines that have too many columns.
func (f file) long() (all []Size) {
	for i, line := range f.lines {
		if n := utf8.RuneCountInString(line) + (tabWidth-1)*strings.Count(line, "\t"); n > columns {
			all = append(all, Size{fmt.Sprintf("%s:%d", f.path, i+1), n})
		}
	}
	return all
}
