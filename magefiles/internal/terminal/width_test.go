package terminal_test

import (
	"os"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

func TestColumns(t *testing.T) {
	tests := []struct {
		s    string
		want int
	}{
		{"", 0},
		{"core", 4},
		{"배치", 4},
		{"\u1107\u1162\u110e\u1175", 4}, // the same, as macOS names files
		{"e\u0301", 1},
		{"a\u200bb", 2},
		{"ｗｉｄｅ", 8},
		{"日本", 4},
		{"🚀", 2},
		{"→", 1},
	}
	for _, test := range tests {
		if got := terminal.Columns(test.s); got != test.want {
			t.Errorf("Columns(%q) = %d, want %d", test.s, got, test.want)
		}
	}
}

func TestPadAndClip(t *testing.T) {
	tests := []struct{ got, want string }{
		{terminal.Pad("배치", 6), "배치  "},
		{terminal.PadLeft("배치", 6), "  배치"},
		{terminal.Pad("monitor", 3), "monitor"},
		{terminal.Clip("monitor", 7), "monitor"},
		{terminal.Clip("monitor", 4), "mon…"},
		{terminal.Clip("배치 작업", 6), "배치…"},
		{terminal.Clip("배치", 3), "배…"},
		{terminal.Clip("배치", 2), "…"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestAPipeIsNoTerminal(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if columns, rows := terminal.Size(w); terminal.Is(w) || columns != 0 || rows != 0 {
		t.Errorf("a pipe has %d columns and %d rows", columns, rows)
	}
}
