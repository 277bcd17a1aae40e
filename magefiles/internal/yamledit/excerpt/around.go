package excerpt

import "strings"

// Around returns what stands before and behind a name in a text, false where the text does not have it. Where it stands whole
// goes before where it stands first: web-1 is a part of admin-web-1, and does not stand there.
func Around(text, name string) (head, tail string, found bool) {
	for from := 0; name != ""; {
		at := strings.Index(text[from:], name)
		if at < 0 {
			break
		}
		begin, end := from+at, from+at+len(name)
		if IsWhole(text, begin, end) {
			return text[:begin], text[end:], true
		}
		from = begin + 1
	}
	return strings.Cut(text, name)
}

// IsWhole reports whether a tag, a digest or a reference between two places of a text goes on neither before nor behind them.
func IsWhole(text string, begin, end int) bool {
	return (begin == 0 || !goesOn(text[begin-1])) && (end == len(text) || !goesOn(text[end]))
}

// goesOn reports whether a tag may have the character.
func goesOn(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '.' || c == '-'
}
