package house

import (
	"go/ast"
	"maps"
	"path"
	"strconv"
	"strings"
)

// module is the import path of the repository's root.
const module = "github.com/xiilab/astrago-ci/"

// typeName is a type by its package's directory.
type typeName struct{ dir, name string }

// methods are those that a type declares, and the types of this repository that it embeds. What embedded types of others promote
// is not counted.
type methods struct {
	own      map[string]bool
	embedded []typeName
}

// types are those of the files that were added.
type types map[typeName]*methods

func (t types) of(name typeName) *methods {
	if t[name] == nil {
		t[name] = &methods{own: map[string]bool{}}
	}
	return t[name]
}

func (t types) add(f file) {
	imports := f.imports()
	for _, declared := range f.tree.Decls {
		switch d := declared.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil && len(d.Recv.List) == 1 {
				if receiver, ok := f.typeOf(d.Recv.List[0].Type, imports); ok {
					t.of(receiver).own[d.Name.Name] = true
				}
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if s, ok := spec.(*ast.TypeSpec); ok {
					t.declare(f, s, imports)
				}
			}
		}
	}
}

// declare notes what a type embeds, and the methods of an interface.
func (t types) declare(f file, s *ast.TypeSpec, imports map[string]string) {
	m := t.of(typeName{f.dir, s.Name.Name})
	var fields *ast.FieldList
	_, isInterface := s.Type.(*ast.InterfaceType)
	switch underlying := s.Type.(type) {
	case *ast.StructType:
		fields = underlying.Fields
	case *ast.InterfaceType:
		fields = underlying.Methods
	default:
		return
	}
	for _, field := range fields.List {
		if len(field.Names) > 0 {
			if isInterface {
				m.own[field.Names[0].Name] = true
			}
			continue
		}
		if embedded, ok := f.typeOf(field.Type, imports); ok {
			m.embedded = append(m.embedded, embedded)
		}
	}
}

// typeOf is the type of this repository that an expression names.
func (f file) typeOf(expression ast.Expr, imports map[string]string) (typeName, bool) {
	switch e := expression.(type) {
	case *ast.StarExpr:
		return f.typeOf(e.X, imports)
	case *ast.IndexExpr:
		return f.typeOf(e.X, imports)
	case *ast.IndexListExpr:
		return f.typeOf(e.X, imports)
	case *ast.Ident:
		return typeName{f.dir, e.Name}, true
	case *ast.SelectorExpr:
		if pkg, ok := e.X.(*ast.Ident); ok && imports[pkg.Name] != "" {
			return typeName{imports[pkg.Name], e.Sel.Name}, true
		}
	}
	return typeName{}, false
}

// imports are the directories of this repository's packages by the names that the file gives them.
func (f file) imports() map[string]string {
	names := map[string]string{}
	for _, spec := range f.tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		dir, ours := strings.CutPrefix(imported, module)
		if err != nil || !ours {
			continue
		}
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = dir
	}
	return names
}

// all are the names of the methods that a value has.
func (t types) all(name typeName, seen map[typeName]bool) map[string]bool {
	m := t[name]
	if m == nil || seen[name] {
		return nil
	}
	seen[name] = true
	all := maps.Clone(m.own)
	for _, embedded := range m.embedded {
		maps.Copy(all, t.all(embedded, seen))
	}
	return all
}

func (t types) sizes() []Size {
	counts := map[string]int{}
	for name := range t {
		if n := len(t.all(name, map[typeName]bool{})); n > 0 {
			counts[strings.TrimPrefix(name.dir, "magefiles/internal/")+"."+name.name] = n
		}
	}
	return sizes(counts)
}
