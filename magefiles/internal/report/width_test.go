package report

import (
	"slices"
	"strings"
	"testing"
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
		if got := columns(test.s); got != test.want {
			t.Errorf("columns(%q) = %d, want %d", test.s, got, test.want)
		}
	}
}

func TestPadAndClip(t *testing.T) {
	tests := []struct{ got, want string }{
		{pad("배치", 6), "배치  "},
		{padLeft("배치", 6), "  배치"},
		{pad("monitor", 3), "monitor"},
		{clip("monitor", 7), "monitor"},
		{clip("monitor", 4), "mon…"},
		{clip("배치 작업", 6), "배치…"},
		{clip("배치", 3), "배…"},
		{clip("배치", 2), "…"},
	}
	for _, test := range tests {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}

func TestTableAlignsKorean(t *testing.T) {
	lines := table{head: []string{"이름", "size"}, right: []bool{false, true}, rows: [][]string{
		{"배치 작업", "1 B"}, {"core", "10 B"},
	}}.lines(style{}, 80)
	want := []string{"이름       size", "배치 작업   1 B", "core       10 B"}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}
