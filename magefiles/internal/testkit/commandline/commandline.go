// Package commandline holds a command's arguments, as a person would type them, against its options.
package commandline

import (
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
)

// display are the flags that only choose how a command shows and prints, and -env, which is found out.
var display = []string{"environment", "jSON", "progress", "verbosity"}

// Unnamed returns the flags of options that its arguments do not name when all are given, and what they name when none is.
func Unnamed[Options any](arguments func(Options) []string) []string {
	var none, all Options
	names := fill(reflect.ValueOf(&all).Elem())
	given := arguments(all)
	unnamed := arguments(none)
	for _, name := range names {
		isNamed := func(argument string) bool { return argument == "-"+name || strings.HasPrefix(argument, "-"+name+"=") }
		if !slices.Contains(display, name) && !slices.ContainsFunc(given, isNamed) {
			unnamed = append(unnamed, name)
		}
	}
	return unnamed
}

// fill gives every field a value, and returns their names as flags have them.
func fill(options reflect.Value) (names []string) {
	for i := range options.NumField() {
		field, kind := options.Field(i), options.Type().Field(i)
		if kind.Anonymous {
			names = append(names, fill(field)...)
			continue
		}
		switch field.Interface().(type) {
		case string:
			field.SetString("x")
		case []string:
			field.Set(reflect.ValueOf([]string{"x"}))
		case []component.Name:
			field.Set(reflect.ValueOf([]component.Name{"x"}))
		case bool:
			field.SetBool(true)
		case int:
			field.SetInt(2)
		case time.Duration:
			field.SetInt(int64(time.Minute))
		}
		names = append(names, string(unicode.ToLower(rune(kind.Name[0])))+kind.Name[1:])
	}
	return names
}
