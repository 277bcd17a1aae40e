// Package subpath says where a file or directory is below another one.
package subpath

import "path/filepath"

// Of returns the path of a place below a directory, with slashes, "." for the directory itself; ok is false where it is not in it. Only
// the paths are looked at: a caller resolves links first where they matter.
func Of(dir, place string) (sub string, ok bool) {
	rel, err := filepath.Rel(dir, place)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}
