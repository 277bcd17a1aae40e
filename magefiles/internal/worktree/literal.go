package worktree

import (
	"strings"
	"unicode"
)

// patternEscapes are the characters that mean something in a pattern, or in the regular expression that it may become.
var patternEscapes = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "^", `\^`)

// Literal returns a pattern of .dockerignore that matches a path only, with all below it. Patterns lose the space around them, and
// are exceptions where they begin with an exclamation mark (moby/patternmatcher).
func Literal(path string) string {
	plain := strings.TrimSpace(path)
	before, after, _ := strings.Cut(path, plain)
	if plain == "" {
		before, after = path, ""
	}
	pattern := spaceClasses(before) + patternEscapes.Replace(plain) + spaceClasses(after)
	if strings.HasPrefix(pattern, "!") {
		pattern = `\` + pattern
	}
	return pattern
}

// spaceClasses writes each character as a set of its own, which is not trimmed.
func spaceClasses(space string) string {
	var all strings.Builder
	for _, r := range space {
		if unicode.IsSpace(r) {
			all.WriteString("[" + string(r) + "]")
		}
	}
	return all.String()
}
