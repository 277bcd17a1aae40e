package trailer

import (
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
)

// NewValue returns the trailer of a value that names a component's image. place is its file and its path, each a word.
func NewValue(name component.Name, place string) Trailer {
	return Trailer{Key: Value, Value: string(name) + " " + place}
}

// HasValue reports whether the value at a place is listed, of whatever component.
func (t List) HasValue(place string) bool {
	return slices.ContainsFunc(t.All(Value), func(value string) bool {
		_, of, _ := strings.Cut(value, " ")
		return of == place
	})
}
