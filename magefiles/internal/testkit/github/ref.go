package github

import "strings"

// ResolveRef returns what a full reference name points to, as this request sees it.
func ResolveRef(c *Call, r *Repository, full string) (string, error) {
	if branch, ok := strings.CutPrefix(full, "refs/heads/"); ok {
		return c.Head(r, branch)
	}
	return r.Git.Resolve(full)
}

// IsOID reports whether text has the form of a complete object id.
func IsOID(text string) bool {
	return len(text) == 40 && strings.Trim(text, "0123456789abcdef") == ""
}

// TrimRef takes "refs/heads/" or "heads/" (kind: heads, tags) off a name.
func TrimRef(name, kind string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, "refs/"), kind+"/")
}
