package console

import (
	"slices"
	"strings"
	"testing"
)

func TestTableAlignsKorean(t *testing.T) {
	lines := table{head: []string{"이름", "size"}, right: []bool{false, true}, rows: [][]string{
		{"배치 작업", "1 B"}, {"core", "10 B"},
	}}.tableLines(style{}, 80)
	want := []string{"이름       size", "배치 작업   1 B", "core       10 B"}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}
