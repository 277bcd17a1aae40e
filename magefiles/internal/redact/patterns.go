package redact

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// patterns are the texts to mask. A value is never changed after it was made.
type patterns struct {
	known map[string]bool
	by    [256][]string // by their first byte, longest first
}

func newPatterns(known map[string]bool) *patterns {
	p := &patterns{known: known}
	for text := range known {
		p.by[text[0]] = append(p.by[text[0]], text)
	}
	for _, texts := range &p.by {
		slices.SortFunc(texts, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	}
	return p
}

// with returns the patterns and more of them; nil has none.
func (p *patterns) with(texts []string) *patterns {
	known := map[string]bool{}
	if p != nil {
		maps.Copy(known, p.known)
	}
	for _, text := range texts {
		known[text] = true
	}
	return newPatterns(known)
}

// longestMatch returns the length of the longest pattern at the start of s, and whether a longer one may follow once s goes on.
func (p *patterns) longestMatch(s string) (length int, open bool) {
	if p == nil {
		return 0, false
	}
	for _, pattern := range p.by[s[0]] {
		if length == 0 && strings.HasPrefix(s, pattern) {
			length = len(pattern)
		}
		if len(pattern) > len(s) && strings.HasPrefix(pattern, s) {
			open = true
		}
	}
	return length, open
}

// expandForms returns every form of every part of the secrets that has at least the given number of characters.
func expandForms(secrets []string, shortest int) []string {
	var all []string
	for _, secret := range secrets {
		for _, part := range secretParts(secret) {
			if utf8.RuneCountInString(part) >= shortest {
				all = append(all, encodedForms(part)...)
			}
		}
	}
	return all
}
