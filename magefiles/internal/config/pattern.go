package config

import (
	"path"
	"strings"
)

// checkPattern wants a pattern of paths below the root of the repository, in the syntax of .dockerignore: `**` crosses slashes, a
// directory means all below it, and `!` takes out what an earlier pattern took in.
func checkPattern(s string) (string, *flaw) {
	not, pattern := "", s
	if rest, ok := strings.CutPrefix(s, "!"); ok {
		not, pattern = "!", rest
	}
	pattern, f := checkDirectory(pattern)
	if f != nil {
		return "", f
	}
	if _, err := path.Match(pattern, ""); err != nil { // .dockerignore's syntax is this one and `**`
		return "", flawf("write e.g. src/**, **/*.gradle or pom.xml", "is the pattern %q, which does not parse: %v", s, err)
	}
	return not + pattern, nil
}
