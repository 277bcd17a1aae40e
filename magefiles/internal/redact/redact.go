// Package redact replaces secrets by *** in all that leaves the process: one implementation for consoles, logs, reports,
// traces, notifications and the output of builds.
package redact

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// mask stands for a secret in all output.
const mask = "***"

const (
	shortestSecret = 4 // characters of a declared secret: shorter ones would hide ordinary words, and tell as much by it
	shortestGuess  = 6 // characters of what may be a secret
)

// Redactor masks secrets in text. It knows each secret as it is, its lines, its trimmed form, the values within a file of
// credentials, and the forms in which they travel (forms). It is safe for concurrent use; what is added is masked from
// then on, also by the writers and streams that were made before. The zero value knows none.
type Redactor struct {
	mu       sync.RWMutex
	declared *patterns // what is known to be secret
	all      *patterns // with what only looks like it
}

// New returns a Redactor that knows the given secrets.
func New(secrets ...string) *Redactor {
	r := &Redactor{}
	r.Add(secrets...)
	return r
}

// Add declares values as secret. Those shorter than 4 characters are ignored.
func (r *Redactor) Add(secrets ...string) {
	texts := expandForms(secrets, shortestSecret)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.declared, r.all = r.declared.with(texts), r.all.with(texts)
}

// Guess adds values that may be secret, such as those of variables with a telling name. They are masked for people and
// never in what a program reads. Those shorter than 6 characters are ignored.
func (r *Redactor) Guess(values ...string) {
	texts := expandForms(values, shortestGuess)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = r.all.with(texts)
}

// String returns s with every secret masked.
func (r *Redactor) String(s string) string { return maskText(s, r.allPatterns) }

// Reveals reports whether s holds a declared secret. A short one counts where it stands alone: four digits are also part
// of many a digest.
func (r *Redactor) Reveals(s string) bool {
	known := r.declaredPatterns()
	if known == nil {
		return false
	}
	for i := range len(s) {
		for _, pattern := range known.by[s[i]] {
			if strings.HasPrefix(s[i:], pattern) && (len(pattern) >= minDistinctive || standsAlone(s, i, i+len(pattern))) {
				return true
			}
		}
	}
	return false
}

// minDistinctive is the length from which a text is no part of another by chance.
const minDistinctive = 8

func standsAlone(s string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:from])
	after, _ := utf8.DecodeRuneInString(s[to:])
	return !isWord(before) && !isWord(after)
}

func isWord(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > utf8.RuneSelf && r != utf8.RuneError
}

func (r *Redactor) allPatterns() *patterns {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.all
}

func (r *Redactor) declaredPatterns() *patterns {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.declared
}

func maskText(s string, known func() *patterns) string {
	stream := Stream{known: known}
	return stream.Next(s) + stream.End()
}
