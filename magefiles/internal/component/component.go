// Package component defines the names of components, the images that an application's astrago.yaml declares.
package component

import (
	"slices"
	"strings"
)

// Name is the name of a component. The configuration's grammar says which names there may be. A flag, a trailer or a file from elsewhere
// may hold any text: as a Name it equals that of no component.
type Name string

// Names converts texts to names, unchecked.
func Names(texts []string) []Name {
	names := make([]Name, len(texts))
	for i, text := range texts {
		names[i] = Name(text)
	}
	return names
}

// Texts converts names to texts.
func Texts(names []Name) []string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = string(name)
	}
	return texts
}

// Add returns names with those of more appended that it lacks.
func Add(names []Name, more ...Name) []Name {
	for _, name := range more {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Join returns names as one text, with the separator between them.
func Join(names []Name, separator string) string { return strings.Join(Texts(names), separator) }
