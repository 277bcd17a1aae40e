package report

import (
	"slices"
	"testing"
)

func TestClean(t *testing.T) {
	tests := map[string]string{
		"배치 작업":          "배치 작업",
		"a\x1b[31mb":     "a␛[31mb",
		"a\rb":           "a␍b",
		"a\nb\tc":        "a b c",
		"line\r\n":       "line",
		"bell\x07\x7f":   "bell␇␡",
		"csi\u009b31m":   "csi\ufffd31m",
		"trojan\u202e x": "trojan\ufffd x",
		"sep\u2028x":     "sep\ufffdx",
		"bad\xffutf8":    "bad\ufffdutf8",
	}
	for s, want := range tests {
		if got := clean(s); got != want {
			t.Errorf("clean(%q) = %q, want %q", s, got, want)
		}
	}
}

func TestSnippetLines(t *testing.T) {
	got := snippetLines("    8 | a:\n  > 9 |\tb\n\n      |\t^")
	want := []string{"  8 | a:", "> 9 |    b", "", "    |    ^"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := snippetLines(""); len(got) != 0 {
		t.Errorf("got %q for nothing", got)
	}
}
