package terminal

import (
	"strings"
	"unicode"

	eastasian "golang.org/x/text/width"
)

// Columns returns the number of terminal columns that s takes: Korean, Chinese and Japanese letters take two, marks that combine with the
// letter before them none (Unicode Standard Annex 11). Ambiguous letters take one, as every terminal outside a CJK locale draws them; no
// aligned column holds any.
func Columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf),
		0x1160 <= r && r <= 0x11ff, 0xd7b0 <= r && r <= 0xd7ff: // vowels and finals of Hangul that file systems took apart
		return 0
	}
	switch eastasian.LookupRune(r).Kind() {
	case eastasian.EastAsianWide, eastasian.EastAsianFullwidth:
		return 2
	}
	return 1
}

// Pad fills s with spaces to n columns; a longer s stays as it is.
func Pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-Columns(s))) }

// PadLeft is Pad with s at the right, for numbers.
func PadLeft(s string, n int) string { return strings.Repeat(" ", max(0, n-Columns(s))) + s }

// Clip cuts s to n columns, the last of which is an ellipsis where something was cut.
func Clip(s string, n int) string {
	if Columns(s) <= n {
		return s
	}
	used := 0
	for i, r := range s {
		if used += runeColumns(r); used > n-1 {
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}
