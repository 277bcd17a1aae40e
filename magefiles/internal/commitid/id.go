// Package commitid defines the ids of git commits as a type.
package commitid

import (
	"fmt"
	"strings"
)

// The lengths of ids, in hex digits.
const (
	shortest    = 7  // that people and older trailers write
	sha1Length  = 40 // of a whole id
	wholeLength = 64 // of one in a SHA-256 repository
)

// ID is the object id of a commit in lower-case hex digits: whole, or abbreviated to at least 7; "" names no commit. A conversion carries
// text from elsewhere unchecked, such as that of a trailer, so that it can be shown; IsValid reports whether it is an id.
type ID string

// ShortLength is the number of digits that people read, and that tags have: git's own abbreviation grows with the repository, and 4 digits
// have collided.
const ShortLength = 8

// Null is git's id of no object.
const Null ID = "0000000000000000000000000000000000000000"

// Parse returns a text as an id. A text that is not one, such as "", is an error.
func Parse(text string) (ID, error) {
	if id := ID(text); id.IsValid() {
		return id, nil
	}
	return "", fmt.Errorf("%q is not a commit id", text)
}

// IsValid reports whether the id is well-formed, whole or abbreviated.
func (id ID) IsValid() bool {
	return len(id) >= shortest && len(id) <= wholeLength && strings.Trim(string(id), "0123456789abcdef") == ""
}

// IsWhole reports whether the id is not abbreviated. The 40 digits to which one of a SHA-256 repository may be abbreviated count as whole.
func (id ID) IsWhole() bool {
	return id.IsValid() && (len(id) == sha1Length || len(id) == wholeLength)
}

// IsNull reports whether the id, whole or abbreviated, is git's id of no object.
func (id ID) IsNull() bool { return id != "" && strings.Trim(string(id), "0") == "" }

// Short returns the first digits of the id, as people read them.
func (id ID) Short() string { return fmt.Sprintf("%.*s", ShortLength, string(id)) }

// Abbreviates reports whether the other id begins with this one. "" abbreviates nothing.
func (id ID) Abbreviates(other ID) bool {
	return id != "" && strings.HasPrefix(string(other), string(id))
}

// ShortRevision returns a revision as people read it: a whole commit id by its first digits, and any other, such as a branch or the version
// of a chart, as it is.
func ShortRevision(revision string) string {
	if id := ID(revision); id.IsWhole() {
		return id.Short()
	}
	return revision
}
