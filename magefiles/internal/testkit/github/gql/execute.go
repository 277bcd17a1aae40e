package gql

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Object is a value of an object type, resolved field by field as a document asks for it.
type Object struct {
	Type   string
	Fields Fields
}

// Fields returns the resolver of each field. All fields that the schema has must be there.
type Fields map[string]Resolver

// Resolver returns a field's value: nil, a string, bool or number, an Object or *Object, or a slice of those.
type Resolver func(ctx context.Context, args Args) (any, error)

// Value is the resolver of a field that is known already.
func Value(v any) Resolver {
	return func(context.Context, Args) (any, error) { return v, nil }
}

// Answer is the JSON body of an answer. Data is an explicit null where an error reached the top.
type Answer struct {
	Data   any     `json:"data"`
	Errors []Error `json:"errors,omitempty"`
}

// Execute resolves the operation from its root object.
func (o *Operation) Execute(ctx context.Context, root Object) Answer {
	e := &execution{operation: o}
	data, ok := e.object(ctx, root, []ast.SelectionSet{o.definition.SelectionSet}, nil)
	if !ok {
		return Answer{Errors: e.errors}
	}
	return Answer{Data: data, Errors: e.errors}
}

// execution is one run of an operation. ok is false in what its methods return where a null must not stand: the null
// then moves up to the nearest field that may hold it (https://spec.graphql.org/October2021/#sec-Handling-Field-Errors).
type execution struct {
	operation *Operation
	errors    []Error
}

func (e *execution) object(ctx context.Context, o Object, sets []ast.SelectionSet, path []any) (map[string]any, bool) {
	data := map[string]any{}
	for _, group := range e.collect(o.Type, sets) {
		field := group[0]
		at := append(slices.Clone(path), field.Alias)
		if field.Name == "__typename" {
			data[field.Alias] = o.Type
			continue
		}
		resolve := o.Fields[field.Name]
		if resolve == nil {
			resolve = func(context.Context, Args) (any, error) {
				return nil, fmt.Errorf("resolving %s.%s: not implemented", o.Type, field.Name)
			}
		}
		value, err := resolve(ctx, Args(field.ArgumentMap(e.operation.variables)))
		if err == nil && field.Definition.Type.NonNull && isNil(value) {
			err = &Fault{Message: fmt.Sprintf("Cannot return null for non-nullable field %s.%s", o.Type, field.Name)}
		}
		if err != nil {
			e.errors = append(e.errors, report(err, field, at))
			value = nil
		}
		completed, ok := e.complete(ctx, value, field.Definition.Type, group, at)
		if !ok {
			return nil, false
		}
		data[field.Alias] = completed
	}
	return data, true
}

// complete turns a resolved value into JSON and enters objects and lists.
func (e *execution) complete(ctx context.Context, value any, t *ast.Type, group []*ast.Field, path []any) (any, bool) {
	if isNil(value) {
		return nil, !t.NonNull
	}
	if t.Elem == nil {
		o, isObject := value.(Object)
		if p, isPointer := value.(*Object); isPointer {
			o, isObject = *p, true
		}
		if !isObject {
			return value, true
		}
		var sets []ast.SelectionSet
		for _, f := range group {
			sets = append(sets, f.SelectionSet)
		}
		data, ok := e.object(ctx, o, sets, path)
		if !ok {
			return nil, !t.NonNull
		}
		return data, true
	}
	items := reflect.ValueOf(value)
	list := make([]any, items.Len())
	for i := range list {
		var ok bool
		at := append(slices.Clone(path), i)
		if list[i], ok = e.complete(ctx, items.Index(i).Interface(), t.Elem, group, at); !ok {
			return nil, !t.NonNull
		}
	}
	return list, true
}

// collect returns the fields that apply to an object type, in the order of the document, those with one name together.
func (e *execution) collect(object string, sets []ast.SelectionSet) [][]*ast.Field {
	var groups [][]*ast.Field
	index := map[string]int{}
	var visit func(ast.SelectionSet)
	visit = func(set ast.SelectionSet) {
		for _, selection := range set {
			switch s := selection.(type) {
			case *ast.Field:
				if !e.included(s.Directives) {
					continue
				}
				i, seen := index[s.Alias]
				if !seen {
					i = len(groups)
					index[s.Alias] = i
					groups = append(groups, nil)
				}
				groups[i] = append(groups[i], s)
			case *ast.InlineFragment:
				if e.included(s.Directives) && e.applies(s.TypeCondition, object) {
					visit(s.SelectionSet)
				}
			case *ast.FragmentSpread:
				if e.included(s.Directives) && e.applies(s.Definition.TypeCondition, object) {
					visit(s.Definition.SelectionSet)
				}
			}
		}
	}
	for _, set := range sets {
		visit(set)
	}
	return groups
}

// included evaluates @skip and @include.
func (e *execution) included(directives ast.DirectiveList) bool {
	condition := func(name string, otherwise bool) bool {
		d := directives.ForName(name)
		if d == nil {
			return otherwise
		}
		on, _ := d.ArgumentMap(e.operation.variables)["if"].(bool)
		return on
	}
	return condition("include", true) && !condition("skip", false)
}

// applies reports whether a fragment on a type matches an object type.
func (e *execution) applies(condition, object string) bool {
	if condition == "" || condition == object {
		return true
	}
	return slices.ContainsFunc(e.operation.schema.types.PossibleTypes[condition], func(d *ast.Definition) bool {
		return d.Name == object
	})
}

func isNil(value any) bool {
	if value == nil {
		return true
	}
	v := reflect.ValueOf(value)
	return (v.Kind() == reflect.Pointer || v.Kind() == reflect.Slice) && v.IsNil()
}
