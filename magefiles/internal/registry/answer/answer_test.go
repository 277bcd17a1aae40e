package answer

import (
	"strings"
	"testing"
	"testing/quick"
	"unicode"
	"unicode/utf8"
)

func TestMessageIsTheFirstErrorOfARegistry(t *testing.T) {
	for body, want := range map[string][2]string{
		`{"errors":[{"code":"DENIED","message":"no right"},{"code":"OTHER","message":"more"}]}`: {"DENIED", "no right"},
		`{"errors":[{"code":"DENIED"}]}`:              {"DENIED", "DENIED"},
		`{"errors":[{"message":"two\nlines\u001b"}]}`: {"", "two lines "},
		`{"errors":[]}`:                         {},
		`{"errors":"DENIED"}`:                   {},
		"<html><h1>502 Bad Gateway</h1></html>": {},
		"":                                      {},
	} {
		if code, text := Code([]byte(body)), Message([]byte(body)); code != want[0] || text != want[1] {
			t.Errorf("%s: %q %q, want %q", body, code, text, want)
		}
	}
}

// TestPrintableIsOneLineOfItsLength whatever a registry writes.
func TestPrintableIsOneLineOfItsLength(t *testing.T) {
	property := func(text string, limit uint8) bool {
		got := Printable(text, int(limit))
		short := strings.TrimSuffix(got, "…")
		return utf8.RuneCountInString(short) <= int(limit)+1 && !strings.ContainsFunc(got, unicode.IsControl) && utf8.ValidString(got)
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
	if got := Printable("가나다 ", 2); got != "가나…" {
		t.Errorf("cut: %q", got)
	}
}
