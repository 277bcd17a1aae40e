package house

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"unicode"
)

// names counts the unexported functions, methods, types, constants and variables that a file declares at the top, and those of
// one word among them.
func (f file) names() (one, all int) {
	for _, declared := range f.tree.Decls {
		for _, name := range declaredNames(declared) {
			if token.IsExported(name) || slices.Contains([]string{"main", "init", "_"}, name) {
				continue
			}
			all++
			if !strings.ContainsFunc(name, unicode.IsUpper) {
				one++
			}
		}
	}
	return one, all
}

func declaredNames(declared ast.Decl) (names []string) {
	switch d := declared.(type) {
	case *ast.FuncDecl:
		return []string{d.Name.Name}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, name := range s.Names {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}

// docWords counts the word behind the name in the doc comments of functions and methods.
func (f file) docWords(counts map[string]int) {
	for _, declared := range f.tree.Decls {
		function, ok := declared.(*ast.FuncDecl)
		if !ok || function.Doc == nil {
			continue
		}
		words := strings.Fields(function.Doc.Text())
		if len(words) > 1 && words[0] == function.Name.Name {
			counts[strings.Trim(words[1], ",;:.")]++
		}
	}
}
