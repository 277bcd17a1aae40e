package yamlschema

import (
	"fmt"
	"path"
)

// Rename is a key that an earlier version of astrago-ci knew under another name. Files with the old one are refused, with the
// new one in the message: a key is never read in another meaning than the one that it was written in.
type Rename struct {
	In       string // the mapping, as messages name it, "" for the root; * is one name, as in components.*
	Old, New string
	Since    string // version of astrago-ci, e.g. v0.2.0
}

// renameRemedy is the remedy for a key that was renamed, "" for any other.
func renameRemedy(renames []Rename, in, key string) string {
	for _, r := range renames {
		if matches, err := path.Match(r.In, in); err == nil && matches && r.Old == key {
			return fmt.Sprintf("rename it to `%s`: astrago-ci calls it so since %s", r.New, r.Since)
		}
	}
	return ""
}
