package escape_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

func TestLine(t *testing.T) {
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
		if got := escape.Line(s); got != want {
			t.Errorf("escape.Line(%q) = %q, want %q", s, got, want)
		}
	}
}
