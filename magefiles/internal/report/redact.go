package report

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// mask stands for a secret in all output.
const mask = "***"

// minSecret is the shortest secret that is masked, in characters. Shorter ones would hide ordinary words; what is meant
// to be secret is longer.
const minSecret = 6

// Redactor replaces secrets by ***. It knows each secret as it is, each line of it, and the forms in which it travels:
// base64 at any offset (an Authorization header holds "user:secret"), URL-escaped and in JSON strings. It is immutable
// and safe for concurrent use.
type Redactor struct {
	patterns [256][]string // by their first byte, longest first
}

// NewRedactor takes the secrets' values; empty ones and those shorter than 6 characters are ignored.
func NewRedactor(secrets []string) *Redactor {
	r := &Redactor{}
	seen := map[string]bool{}
	for _, secret := range secrets {
		for _, whole := range append(strings.FieldsFunc(secret, isLineBreak), secret) {
			for _, form := range forms(whole) {
				if !seen[form] {
					seen[form] = true
					r.patterns[form[0]] = append(r.patterns[form[0]], form)
				}
			}
		}
	}
	for _, patterns := range &r.patterns {
		slices.SortFunc(patterns, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	}
	return r
}

func isLineBreak(r rune) bool { return r == '\n' || r == '\r' }

// forms gives a secret and its encodings, none for one that is too short.
func forms(secret string) []string {
	if utf8.RuneCountInString(secret) < minSecret {
		return nil
	}
	all := []string{secret, url.QueryEscape(secret), url.PathEscape(secret)}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		encoded := encoding.EncodeToString([]byte(secret))
		all = append(all, encoded, strings.TrimRight(encoded, "="))
		for offset := range 3 {
			all = append(all, shifted(encoding, secret, offset))
		}
	}
	if encoded, err := json.Marshal(secret); err == nil { // a string always encodes
		quoted := string(encoded[1 : len(encoded)-1])
		all = append(all, quoted, unescapeHTML(quoted))
	}
	return all
}

// shifted is the part of a secret's base64 form that does not depend on what stands before and after it, where offset
// bytes (0 to 2, modulo 3) stand before it.
func shifted(encoding *base64.Encoding, secret string, offset int) string {
	encoded := encoding.EncodeToString(append(make([]byte, offset), secret...))
	first := (offset*8 + 5) / 6 // letters that hold bits of the bytes before it
	last := (offset + len(secret)) * 8 / 6
	return encoded[first:last]
}

// unescapeHTML undoes what encoding/json does for HTML only, as other encoders write these letters plainly.
func unescapeHTML(s string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(s)
}

// String gives s with every secret masked.
func (r *Redactor) String(s string) string {
	var b strings.Builder
	scanner{redactor: r}.scan(&b, s, true)
	return b.String()
}

// longest gives the length of the longest pattern at the start of s, and whether a longer one may follow once s goes on.
func (r *Redactor) longest(s string) (length int, open bool) {
	for _, pattern := range r.patterns[s[0]] {
		if length == 0 && strings.HasPrefix(s, pattern) {
			length = len(pattern)
		}
		if len(pattern) > len(s) && strings.HasPrefix(pattern, s) {
			open = true
		}
	}
	return length, open
}

// scanner is where in a stream the masking stands: hidden is how many bytes, from here on, belong to a secret that began
// before; masked tells that its mask is written.
type scanner struct {
	redactor *Redactor
	hidden   int
	masked   bool
}

// scan writes the redacted s and gives the rest that must wait, because a secret may begin there and go on in the next
// write. At the end of the stream nothing waits. Overlapping and touching secrets become one mask.
func (s scanner) scan(b *strings.Builder, text string, end bool) (scanner, string) {
	plain := 0 // start of the text that is not written yet
	for i := range len(text) {
		length, open := s.redactor.longest(text[i:])
		if open && !end {
			b.WriteString(text[plain:i])
			return s, text[i:]
		}
		if length > s.hidden {
			s.hidden = length
		}
		if s.hidden == 0 {
			s.masked = false
			continue
		}
		if !s.masked {
			b.WriteString(text[plain:i] + mask)
			s.masked = true
		}
		s.hidden--
		plain = i + 1
	}
	b.WriteString(text[plain:])
	return s, ""
}
