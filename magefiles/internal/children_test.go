package internal_test

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

// starts are the ways in which Go starts a process, and those to hand on this process's whole environment, by package.
var starts = map[string][]string{
	"os/exec": {"Command", "CommandContext", "Cmd"},
	"os":      {"StartProcess", "Environ"},
	"syscall": {"Exec", "ForkExec", "StartProcess", "Environ"},

	"golang.org/x/sys/unix":    {"Exec", "Environ"},
	"golang.org/x/sys/windows": {"CreateProcess"},
}

// TestOnlyProcgroupStartsChildren reads every file that consumers compile, and publish, which has tokens of this repository:
// a child that is started in another way would inherit what no child is to have.
func TestOnlyProcgroupStartsChildren(t *testing.T) {
	apart := []string{"testkit", "demo", "bench", "project", "procgroup"} // for this repository only, or the one way itself
	seen := 0
	for _, root := range []string{".", filepath.Join("..", "targets")} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && (slices.Contains(apart, filepath.ToSlash(path)) || entry.Name() == "testdata"):
				return filepath.SkipDir
			case entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			seen++
			for _, found := range startsIn(t, path, nil) {
				t.Errorf("%s: a child is started, or the environment read, in another way than by package procgroup", found)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 100 {
		t.Errorf("%d files were read", seen)
	}
}

// TestStartsAreFound gives the check what it is to find, so that it cannot go blind.
func TestStartsAreFound(t *testing.T) {
	const source = `package p
import ("os"; run "os/exec"; "syscall")
func f() error {
	a := run.Command("x"); b := &run.Cmd{Path: "y"}; g := run.CommandContext
	_, _, _ = a, b, g
	_ = append(os.Environ(), "A=b")
	_, err := run.LookPath("z")
	if _, ok := err.(*run.ExitError); ok { return nil }
	h(func(c *run.Cmd) {})
	return syscall.Exec("z", nil, nil)
}`
	if found := startsIn(t, "p.go", source); len(found) != 5 {
		t.Errorf("found %q", found)
	}
}

// startsIn lists the places of a file that use one of starts, or an import of a whole package by dot, which hides them.
func startsIn(t *testing.T, path string, source any) []string {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	report := func(node ast.Node) { found = append(found, files.Position(node.Pos()).String()) }
	names := map[string][]string{}
	for _, spec := range file.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value)
		name := imported[strings.LastIndexByte(imported, '/')+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if forbidden := starts[imported]; forbidden != nil {
			names[name] = forbidden
			if name == "." {
				report(spec)
			}
		}
	}
	types := map[ast.Node]bool{} // *exec.Cmd as a type of a parameter or result starts nothing
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.StarExpr:
			types[node.X] = true
		case *ast.SelectorExpr:
			if pkg, ok := node.X.(*ast.Ident); ok && slices.Contains(names[pkg.Name], node.Sel.Name) && !types[node] {
				report(node)
			}
		}
		return true
	})
	return found
}
