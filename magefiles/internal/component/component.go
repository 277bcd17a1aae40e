// Package component has the names of components: of the images that an application's astrago.yaml declares.
package component

import (
	"slices"
	"strings"
)

// Name is the name of a component. Only a configuration says which there are, and its grammar which there may be: what flags, trailers and
// files of others name may be any text, which is then a name that equals none.
type Name string

// Names returns texts from outside as names.
func Names(texts []string) []Name {
	names := make([]Name, len(texts))
	for i, text := range texts {
		names[i] = Name(text)
	}
	return names
}

// Texts returns names as the texts that they are.
func Texts(names []Name) []string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = string(name)
	}
	return texts
}

// Add adds those names that are not there yet.
func Add(names []Name, more ...Name) []Name {
	for _, name := range more {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Join returns names as one text.
func Join(names []Name, separator string) string { return strings.Join(Texts(names), separator) }
