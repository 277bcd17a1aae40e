// Package commitid is the id of a git commit as a type, parsed once where it comes in.
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

// ID is the object id of a commit in lower-case hex digits: whole, or abbreviated to 7 or more; "" is none. Text of others that is no id
// is carried as it is, by a conversion, where it is to be shown, or refused by what is asked for it: IsValid tells one from the other.
type ID string

// ShortLength is the number of digits that people read, and that tags have: git's own abbreviation grows with the repository, and 4 digits
// have collided.
const ShortLength = 8

// Null is git's id of no object.
const Null ID = "0000000000000000000000000000000000000000"

// Parse returns the id that a text is. "" is none, and an error.
func Parse(text string) (ID, error) {
	if id := ID(text); id.IsValid() {
		return id, nil
	}
	return "", fmt.Errorf("%q is no commit id", text)
}

// IsValid reports whether it is an id, whole or abbreviated.
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

// Abbreviates reports whether the id is the other one, or as much as is known of it. What is none abbreviates nothing.
func (id ID) Abbreviates(other ID) bool {
	return id != "" && strings.HasPrefix(string(other), string(id))
}
