package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// answer holds what a document was answered against the types that GitHub gives its fields.
func (s *schema) answer(document *ast.QueryDocument, operation *ast.OperationDefinition, body []byte) error {
	var answer struct {
		Data   map[string]any
		Errors []struct{ Message string }
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&answer); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if answer.Data == nil {
		if len(answer.Errors) == 0 {
			return errors.New("answer: it has neither data nor errors")
		}
		return nil
	}
	w := &walk{schema: s, document: document}
	w.object("data", operation.SelectionSet, answer.Data)
	return errors.Join(w.errs...)
}

// walk goes through an answer along its document.
type walk struct {
	schema   *schema
	document *ast.QueryDocument
	errs     []error
}

func (w *walk) wrong(path, format string, args ...any) {
	w.errs = append(w.errs, fmt.Errorf("answer: "+path+": "+format, args...))
}

// object checks that an object has the fields that were asked for, and no others. Fields within a fragment may be
// missing: it may be about another type.
func (w *walk) object(path string, set ast.SelectionSet, data map[string]any) {
	asked := map[string]bool{}
	w.fields(path, set, data, asked, true)
	for name := range data {
		if !asked[name] {
			w.wrong(path, "%q was not asked for", name)
		}
	}
}

func (w *walk) fields(path string, set ast.SelectionSet, data map[string]any, asked map[string]bool, required bool) {
	for _, selection := range set {
		switch s := selection.(type) {
		case *ast.Field:
			asked[s.Alias] = true
			value, ok := data[s.Alias]
			if !ok && required && len(s.Directives) == 0 {
				w.wrong(path, "%q is missing", s.Alias)
			}
			if ok && s.Definition != nil { // __typename has none
				w.value(path+"."+s.Alias, s.Definition.Type, s.SelectionSet, value)
			}
		case *ast.InlineFragment:
			w.fields(path, s.SelectionSet, data, asked, false)
		case *ast.FragmentSpread:
			w.fields(path, w.document.Fragments.ForName(s.Name).SelectionSet, data, asked, false)
		}
	}
}

func (w *walk) value(path string, t *ast.Type, set ast.SelectionSet, value any) {
	switch v := value.(type) {
	case nil:
		if t.NonNull {
			w.wrong(path, "null, but its type is %s", t)
		}
	case []any:
		if t.Elem == nil {
			w.wrong(path, "a list, but its type is %s", t)
			return
		}
		for i, item := range v {
			w.value(fmt.Sprintf("%s[%d]", path, i), t.Elem, set, item)
		}
	case map[string]any:
		if t.Elem != nil || len(set) == 0 {
			w.wrong(path, "an object, but its type is %s", t)
			return
		}
		w.object(path, set, v)
	default:
		if t.Elem != nil || len(set) > 0 || !w.leaf(t.NamedType, v) {
			w.wrong(path, "%v is no %s", v, t)
		}
	}
}

var (
	objectID = regexp.MustCompile(`^[0-9a-f]{40}$`)
	integer  = regexp.MustCompile(`^-?[0-9]+$`)
)

// leaf reports whether a value has the form of a scalar or an enum. Scalars without a rule are strings.
func (w *walk) leaf(name string, value any) bool {
	number, isNumber := value.(json.Number)
	text, isText := value.(string)
	switch name {
	case "Boolean":
		return value == true || value == false
	case "Int":
		return isNumber && integer.MatchString(number.String())
	case "Float":
		return isNumber
	case "DateTime", "GitTimestamp":
		_, err := time.Parse(time.RFC3339, text)
		return isText && err == nil
	case "GitObjectID":
		return objectID.MatchString(text)
	case "URI":
		u, err := url.Parse(text)
		return err == nil && u.IsAbs()
	}
	if definition := w.schema.types.Types[name]; isText && definition.Kind == ast.Enum {
		return slices.ContainsFunc(definition.EnumValues, func(e *ast.EnumValueDefinition) bool { return e.Name == text })
	}
	return isText
}
