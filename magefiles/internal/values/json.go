package values

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf16"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// shifts map offsets of a text that YAML can read to those of the JSON file that it was made from.
type shifts []shift

// shift says that from an offset of the text on, offsets of the file are larger by a number.
type shift struct{ from, by int }

// readJSON returns a JSON file as a text that YAML reads in the same way: JSON knows two escapes that the YAML library does
// not, \/ and characters in two halves (\ud83d\ude80). The shifts are nil where the file has none of them, or is no JSON.
func readJSON(doc []byte) ([]byte, shifts) {
	if !bytes.Contains(doc, []byte(`\/`)) && !bytes.Contains(bytes.ToLower(doc), []byte(`\ud`)) || !json.Valid(doc) {
		return doc, nil
	}
	text, moved := make([]byte, 0, len(doc)), shifts{}
	for i := 0; i < len(doc); {
		size, plain := escape(doc[i:])
		text = append(text, plain...)
		i += size
		if len(plain) != size {
			moved = append(moved, shift{from: len(text), by: i - len(text)})
		}
	}
	if len(moved) == 0 {
		return doc, nil
	}
	return text, moved
}

// escape is the length of what doc begins with, and how YAML writes it. In valid JSON a backslash stands in strings only.
func escape(doc []byte) (size int, plain []byte) {
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

// offset is an offset of the file.
func (all shifts) offset(text int) int {
	by := 0
	for _, s := range all {
		if s.from > text {
			break
		}
		by = s.by
	}
	return text + by
}

// applyJSON edits the text that YAML reads, takes the same edit over to the file, and proves that reading the edited file
// gives the edited text.
func applyJSON(doc, text []byte, moved shifts, expressions []string, p policy) (*Edit, error) {
	edit, replacements, err := applyText(text, expressions, p)
	if err != nil {
		return nil, err
	}
	want := edit.Bytes
	inFile := make([]replacement, len(replacements))
	for i, r := range replacements {
		inFile[i] = r
		// What a string begins with is its quote, so that no escape stands at the very start.
		inFile[i].span = span{moved.offset(r.start), moved.offset(r.end)}
	}
	edit.Bytes = splice(doc, inFile)
	err = proveBytes(doc, edit.Bytes, inFile)
	if read, _ := readJSON(edit.Bytes); err == nil && !bytes.Equal(read, want) {
		err = errors.New("the file would read as something else")
	}
	if err != nil {
		return nil, problem.New(problem.Refused, "write the value without escapes in the file once", "checking the edited JSON before using it: %w", err)
	}
	return edit, nil
}
