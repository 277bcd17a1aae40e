package report_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/sample"
)

// schemaFile is the schema that programs which read reports rely on. A change that is more than a new field makes a schema of another name.
var schemaFile = filepath.Join("..", "..", "..", "templates", "report.schema.json")

// TestSchemaIsCheckedIn holds the published schema against the types.
func TestSchemaIsCheckedIn(t *testing.T) {
	s := &schemas{said: readComments(t), definitions: map[string]any{}}
	root := s.object(reflect.TypeFor[report.Report]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "https://raw.githubusercontent.com/xiilab/astrago-ci/main/templates/report.schema.json"
	root["title"] = report.Schema
	root["description"] = "What one run of a target of astrago-ci did: .astrago/release.json, and what -json prints."
	root["properties"].(map[string]any)["schema"] = map[string]any{"const": report.Schema}
	root["$defs"] = s.definitions
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		t.Fatal(err)
	}
	sample.Golden(t, filepath.Join("..", schemaFile), b.String()) // golden starts in testdata
}

// schemas makes JSON schemas of types, with the comments of their fields.
type schemas struct {
	said        comments
	definitions map[string]any
}

func (s *schemas) of(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return map[string]any{"type": "string"}
	case t.Kind() == reflect.Pointer:
		return s.of(t.Elem())
	case t.Kind() == reflect.Slice:
		return map[string]any{"type": "array", "items": s.of(t.Elem())}
	case t.Kind() == reflect.Struct:
		name := definitionName(t)
		if _, known := s.definitions[name]; !known {
			s.definitions[name] = nil // a type may hold its own
			s.definitions[name] = s.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + name}
	case t.Kind() == reflect.Bool:
		return map[string]any{"type": "boolean"}
	case t.Kind() == reflect.Float64:
		return map[string]any{"type": "number", "minimum": 0}
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		return map[string]any{"type": "integer", "minimum": 0}
	case t == reflect.TypeFor[report.State](): // an image of a dry run may be nowhere
		return map[string]any{"type": "string", "enum": append([]string{""}, s.said.values[t.String()]...)}
	case t.Kind() == reflect.String && len(s.said.values[t.String()]) > 0:
		return map[string]any{"type": "string", "enum": s.said.values[t.String()]}
	}
	return map[string]any{"type": "string"}
}

func (s *schemas) object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, field := range reflect.VisibleFields(t) {
		if !field.IsExported() {
			continue
		}
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		property := s.of(field.Type)
		if said := s.said.fields[t.String()+"."+field.Name]; said != "" {
			property["description"] = said
		}
		properties[name] = property
		if options != "omitempty" {
			required = append(required, name)
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": required}
}

// definitionName keeps types of other packages apart from those of a report.
func definitionName(t reflect.Type) string {
	pkg, name, _ := strings.Cut(t.String(), ".")
	if pkg == "report" || name == "Notes" {
		return name
	}
	return "Notes" + name
}

// comments holds the comments of fields and the constants of types in the sources, by names qualified with the package.
type comments struct {
	pkg    string              // that is being read
	fields map[string]string   // by type and field
	values map[string][]string // the constants of a type
}

func readComments(t *testing.T) comments {
	t.Helper()
	said := comments{fields: map[string]string{}, values: map[string][]string{}}
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	others, err := filepath.Glob(filepath.Join("..", "notes", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(paths, others...) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		said.pkg = file.Name.Name
		ast.Inspect(file, said.read)
	}
	return said
}

func (c comments) read(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.FuncDecl:
		return false
	case *ast.ValueSpec:
		if name, ok := node.Type.(*ast.Ident); ok && len(node.Values) == 1 {
			if literal, ok := node.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				value, _ := strconv.Unquote(literal.Value)
				of := c.pkg + "." + name.Name
				c.values[of] = append(c.values[of], value)
			}
		}
	case *ast.TypeSpec:
		structure, ok := node.Type.(*ast.StructType)
		if !ok {
			return true
		}
		for _, field := range structure.Fields.List {
			for _, name := range field.Names {
				c.fields[c.pkg+"."+node.Name.Name+"."+name.Name] = strings.TrimSpace(field.Comment.Text())
			}
		}
	}
	return true
}

// TestReportsFollowTheSchema gives reports of every kind to a validator of others.
func TestReportsFollowTheSchema(t *testing.T) {
	schema := jsonschema.NewCompiler()
	compiled, err := schema.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	reports := sample.Messages()
	dry := sample.Report(report.CommandRelease)
	dry.DryRun, dry.Images[0].State, dry.Images[0].Action, dry.Images[0].Why = true, "", "build", "no published image has these inputs"
	reports["waited"], reports["failed-later"], reports["early"], reports["dry-run"] = sample.Waited(), sample.FailedLater(), sample.Early(), dry
	for name, r := range reports {
		var b bytes.Buffer
		if err := report.WriteJSON(&b, r); err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		document.(map[string]any)["outcome"] = "perfect" //nolint:forcetypeassert // a report is an object
		if compiled.Validate(document) == nil {
			t.Errorf("%s: the schema takes everything", name)
		}
	}
}
