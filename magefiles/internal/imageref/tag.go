package imageref

import "strings"

// maxTag is the maximum length of a tag, in characters.
const maxTag = 128

// IsTag reports whether a text is a tag in the distribution specification's grammar ("Pulling manifests"):
// [A-Za-z0-9_][A-Za-z0-9._-]{0,127}.
func IsTag(text string) bool {
	if text == "" || len(text) > maxTag || strings.ContainsRune(".-", rune(text[0])) {
		return false
	}
	return strings.IndexFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_.-", r)
	}) < 0
}
