package source

import (
	"bytes"
	"encoding/json"
	"unicode/utf16"
)

// Shifts map offsets of a text that YAML can read to those of the JSON file that it was made from.
type Shifts []offsetShift

// offsetShift means that from an offset of the text on, offsets of the file are larger by a number.
type offsetShift struct{ from, by int }

// ReadJSON returns a JSON file as a text that YAML reads in the same way: JSON knows two escapes that the YAML library does
// not, \/ and characters in two halves (\ud83d\ude80). The Shifts are nil where the file has none of them, or is no JSON.
func ReadJSON(doc []byte) ([]byte, Shifts) {
	if !bytes.Contains(doc, []byte(`\/`)) && !bytes.Contains(bytes.ToLower(doc), []byte(`\ud`)) || !json.Valid(doc) {
		return doc, nil
	}
	text, moved := make([]byte, 0, len(doc)), Shifts{}
	for i := 0; i < len(doc); {
		size, plain := unescape(doc[i:])
		text = append(text, plain...)
		i += size
		if len(plain) != size {
			moved = append(moved, offsetShift{from: len(text), by: i - len(text)})
		}
	}
	if len(moved) == 0 {
		return doc, nil
	}
	return text, moved
}

// unescape returns the length of what doc begins with, and how YAML writes it. In valid JSON a backslash stands in strings only.
func unescape(doc []byte) (size int, plain []byte) {
	switch {
	case doc[0] != '\\' || len(doc) < 2:
		return 1, doc[:1]
	case doc[1] == '/':
		return 2, doc[1:2]
	case doc[1] != 'u' || len(doc) < 12 || doc[6] != '\\' || doc[7] != 'u':
		return 2, doc[:2]
	}
	r := utf16.DecodeRune(hexRune(doc[2:6]), hexRune(doc[8:12]))
	if r == '\uFFFD' {
		return 2, doc[:2]
	}
	return 12, []byte(string(r))
}

func hexRune(digits []byte) rune {
	var r rune
	for _, d := range digits {
		switch {
		case d >= 'a':
			r = r<<4 | rune(d-'a'+10)
		case d >= 'A':
			r = r<<4 | rune(d-'A'+10)
		default:
			r = r<<4 | rune(d-'0')
		}
	}
	return r
}

// Offset is an offset of the file.
func (all Shifts) Offset(text int) int {
	by := 0
	for _, s := range all {
		if s.from > text {
			break
		}
		by = s.by
	}
	return text + by
}
