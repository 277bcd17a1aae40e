package config

import (
	"fmt"
	"path"
)

// rename is a key that an earlier version of astrago-ci knew under another name. Files with the old one are refused, with the
// new one in the message: a key is never read in another meaning than the one that it was written in.
type rename struct {
	in       string // the mapping, as messages name it, "" for the root; * is one name, as in components.*
	old, new string
	since    string // version of astrago-ci, e.g. v0.2.0
}

// renames lists them, oldest first. None has been renamed so far; a version that does adds a line here, and a change in what
// a key means gets a name of its own.
func renames() []rename { return nil }

// successor is the remedy for a key that was renamed, "" for any other.
func successor(renames []rename, in, key string) string {
	for _, r := range renames {
		if matches, err := path.Match(r.in, in); err == nil && matches && r.old == key {
			return fmt.Sprintf("rename it to `%s`: astrago-ci calls it so since %s", r.new, r.since)
		}
	}
	return ""
}
