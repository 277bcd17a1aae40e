package yamlschema

import (
	"fmt"
	"regexp"
	"strings"
)

// Grammar checks a value and returns its canonical form. Its expression is for editors: it matches all that check accepts, and
// exactly that where the grammar is one regular expression. It stays in what Go's and JavaScript's have in common.
type Grammar struct {
	Expression string
	Check      func(string) (string, *Flaw)
}

// Typed is a grammar whose values have a type of their own; its expression is that of a Grammar.
type Typed[T any] struct {
	Expression string
	Parse      func(string) (T, *Flaw)
}

// Flaw is a mistake in a value, worded to follow the value's path in a message, with its remedy.
type Flaw struct{ What, Remedy string }

// Flawf returns a flaw whose text is formatted.
func Flawf(remedy, format string, args ...any) *Flaw {
	return &Flaw{fmt.Sprintf(format, args...), remedy}
}

// Matching returns the grammar of a regular expression. noun names a matching value, form describes the expression in words.
func Matching(noun, pattern, form string) Grammar {
	expression := regexp.MustCompile(`^(?:` + pattern + `)$`)
	return Grammar{expression.String(), func(s string) (string, *Flaw) {
		if expression.MatchString(s) {
			return s, nil
		}
		remedy := "write " + form
		if lower := strings.ToLower(s); expression.MatchString(lower) {
			remedy = fmt.Sprintf("write `%s`", lower)
		}
		return "", Flawf(remedy, "is %q, which is not a valid %s", s, noun)
	}}
}
