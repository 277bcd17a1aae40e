package notes

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of what is taken of a message, which may be of any length.
const (
	longestSubject = 1000 // bytes that are looked at
	longestMessage = 8000
	longestTitle   = 200 // characters that are kept
	longestName    = 80
)

var (
	// mergePattern is the subject of what GitHub's button merges; the title is in the body.
	mergePattern = regexp.MustCompile(`^Merge pull request #([1-9][0-9]{0,8}) from \S`)

	// squashPattern matches the subject of a squashed pull request, which GitHub ends with the number.
	squashPattern = regexp.MustCompile(`^(.*\S)\s*\(#([1-9][0-9]{0,8})\)$`)

	// conventionalPattern is the header of https://www.conventionalcommits.org/en/v1.0.0/.
	conventionalPattern = regexp.MustCompile(`^([A-Za-z][A-Za-z-]{0,29})(?:\(([^()]{1,60})\))?(!?):\s+(\S.*)$`)

	// breakingPattern is a footer that says so.
	breakingPattern = regexp.MustCompile(`(?m)^BREAKING[ -]CHANGE: \S`)
)

// newChange returns the change that a commit is by its message alone.
func newChange(c Commit) Change {
	subject, number := subjectOf(c.Message)
	change := Change{
		Title: subject, Commit: c.SHA, Author: shorten(c.Author, longestName), Time: c.Time.UTC(), Commits: 1,
		Breaking: isBreaking(c.Message),
	}
	if number > 0 {
		change.PullRequest = &PullRequest{Number: number}
	}
	change.setTitle(subject)
	return change
}

// setTitle takes a title apart where it is one of Conventional Commits.
func (c *Change) setTitle(title string) {
	c.Title = shorten(title, longestTitle)
	if m := conventionalPattern.FindStringSubmatch(title); m != nil {
		if _, known := categoryOfType(m[1]); known || m[3] != "" {
			c.Type, c.Scope, c.Title = strings.ToLower(m[1]), shorten(m[2], longestName), shorten(m[4], longestTitle)
			c.Breaking = c.Breaking || m[3] != ""
		}
	}
	if c.Type == "" && strings.HasPrefix(title, `Revert "`) {
		c.Type = "revert"
	}
}

// subjectOf returns the title of a change, and the number of the pull request that merged it, 0 where none did.
func subjectOf(message string) (title string, number int) {
	subject, rest := cutLine(message)
	if m := mergePattern.FindStringSubmatch(subject); m != nil {
		number, _ = strconv.Atoi(m[1])
		for rest != "" {
			var line string
			if line, rest = cutLine(rest); line != "" {
				return line, number
			}
		}
		return subject, number
	}
	if m := squashPattern.FindStringSubmatch(subject); m != nil {
		number, _ = strconv.Atoi(m[2])
		return m[1], number
	}
	return subject, 0
}

// cutLine returns the first line without white space around it, bounded, and what follows it.
func cutLine(text string) (line, rest string) {
	line, rest, _ = strings.Cut(text, "\n")
	return strings.TrimSpace(head(line, longestSubject)), rest
}

// head returns the first bytes of a text, no half character.
func head(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

// isBreaking reports whether a message says that it breaks what others rely on.
func isBreaking(message string) bool {
	message = head(message, longestMessage)
	if breakingPattern.MatchString(message) {
		return true
	}
	subject, _ := cutLine(message)
	m := conventionalPattern.FindStringSubmatch(subject)
	return m != nil && m[3] != ""
}

// shorten returns text as valid UTF-8 in one line of at most limit characters. What acts on readers is for the writers to escape.
func shorten(text string, limit int) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), unicode.IsSpace), " ")
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:limit-1])) + "…"
}
