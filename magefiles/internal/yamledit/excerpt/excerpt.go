// Package excerpt says what may be seen of a value outside of its file, which may hold credentials: the part that names an image.
package excerpt

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// Excerpt is the part of a value that may be shown outside of its file: the part that names an image, and of everything else the length. A
// values file holds credentials, also around a tag within one text. The zero Excerpt is of no value at all.
type Excerpt struct {
	part   string // that names an image; "" where nothing does
	within bool   // the value has more text around the part
	length int    // of the value, in characters
}

// String returns the part of the value that names an image, between dots where there is more around it; for any other
// value its length in characters.
func (e Excerpt) String() string {
	switch {
	case e.length == 0:
		return ""
	case e.part == "":
		return "(" + Characters(e.length) + ")"
	case e.within:
		return "…" + e.part + "…"
	}
	return e.part
}

// Name returns the part that names an image: a tag, a reference or a digest; "" where nothing does.
func (e Excerpt) Name() string { return e.part }

// Replaced returns the excerpt with another text in place of one within the part that names an image.
func (e Excerpt) Replaced(old, by string) Excerpt {
	e.part = strings.ReplaceAll(e.part, old, by)
	return e
}

// IsZero reports whether there is no value: that of a key that is added.
func (e Excerpt) IsZero() bool { return e.length == 0 }

// MarshalText returns what String returns.
func (e Excerpt) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// Characters is a number of characters for people.
func Characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", n)
}

// The grammars of the distribution specification; a reference may have a digest behind its tag, or in its place.
const (
	tagText    = `[A-Za-z0-9_][A-Za-z0-9._-]{0,127}`
	digestText = `[a-z0-9]+:[0-9a-f]{32,128}`
)

var (
	isTag       = lazyPattern(`^` + tagText + `$`)
	isDigest    = lazyPattern(`^` + digestText + `$`)
	isReference = lazyPattern(`^(?:[A-Za-z0-9._/-]|:[0-9]+/)*[A-Za-z0-9](?::` + tagText + `)?(?:@` + digestText + `)?$`)
)

// lazyPattern compiles an expression when it is first needed: these are large by their counts, and most commands need none.
func lazyPattern(expression string) func(string) bool {
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
	return func(text string) bool { return compiled().MatchString(text) }
}

// secretKey finds the last key of a path that is named like what must not be read, whatever is set there by mistake.
var secretKey = regexp.MustCompile(`(?i)(?:passw(?:or)?d|passphrase|secret|token|credentials?|private_?key|api_?key)["'\]]*$`)

// Excerpts returns what may be seen of the value at path before and after a change. names are the texts that name the new
// image: its tag, its reference, its digest. Only these, and what stood in their place before, are ever part of an Excerpt.
func Excerpts(path, before, after string, names ...string) (old, now Excerpt) {
	old.length, now.length = utf8.RuneCountInString(before), utf8.RuneCountInString(after)
	names = slices.Clone(names)
	slices.SortStableFunc(names, func(a, b string) int { return len(b) - len(a) })
	i := slices.IndexFunc(names, func(name string) bool { return name != "" && strings.Contains(after, name) })
	if i < 0 {
		return old, now
	}
	head, tail, _ := Around(after, names[i])
	now.part, now.within = names[i], head+tail != ""
	if secretKey.MatchString(path) {
		return old, now
	}
	rest, begins := strings.CutPrefix(before, head)
	rest, ends := strings.CutSuffix(rest, tail)
	if begins && ends {
		old.part = counterpart(rest, names[i])
		old.within = old.part != "" && old.part != before
	}
	return old, now
}

// counterpart returns the part of an earlier text that may be shown where name stands now: a text of the same kind, or the tag alone of a
// reference to another repository.
func counterpart(text, name string) string {
	switch {
	case isDigest(name) && isDigest(text), isTag(name) && isTag(text):
		return text
	case isTag(name) && isReference(text) && strings.Contains(text, "@"): // tag@digest
		if isTag(imageref.Split(text).Tagged()) {
			return text
		}
		return ""
	case !isReference(name) || !isReference(text):
		return ""
	case imageref.Split(name).Name == imageref.Split(text).Name:
		return text
	}
	if _, behind, ok := strings.Cut(text, imageref.Split(text).Name+":"); ok {
		return behind
	}
	return imageref.Split(text).Digest
}

// SplitName splits the part of a value that names an image into its tag and its digest; either may be "".
func SplitName(name string) (tag, digest string) {
	if isDigest(name) {
		return "", name
	}
	parts := imageref.Split(name)
	if parts.Tag == "" && !strings.Contains(parts.Name, "/") {
		return parts.Name, parts.Digest
	}
	return parts.Tag, parts.Digest
}
