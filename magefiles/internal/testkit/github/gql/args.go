package gql

import (
	"encoding/json"
	"strconv"
)

// Args are the arguments of a field, or an input object among them, with variables and defaults filled in.
type Args map[string]any

// Has reports whether an argument was given, be it null.
func (a Args) Has(name string) bool {
	_, ok := a[name]
	return ok
}

// Text returns a string argument, empty where it is absent or null.
func (a Args) Text(name string) string {
	text, _ := a[name].(string)
	return text
}

// Int returns a number, ok is false where it is absent or null.
func (a Args) Int(name string) (n int, ok bool) {
	switch v := a[name].(type) {
	case int64:
		return int(v), true
	case float64:
		return int(v), true
	case json.Number:
		n, err := strconv.Atoi(v.String())
		return n, err == nil
	}
	return 0, false
}

// Object returns an input object, empty where it is absent or null.
func (a Args) Object(name string) Args {
	fields, _ := a[name].(map[string]any)
	return fields
}

// List returns the input objects of a list; null is true where null was given in its place.
func (a Args) List(name string) (list []Args, null bool) {
	value, given := a[name]
	items, _ := value.([]any)
	for _, item := range items {
		fields, _ := item.(map[string]any)
		list = append(list, fields)
	}
	return list, given && value == nil
}
