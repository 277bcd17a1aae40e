package report

import (
	"slices"
	"testing"
)

func TestSnippetLines(t *testing.T) {
	got := (Place{Snippet: "    8 | a:\n  > 9 |\tb\n\n      |\t^"}).SnippetLines()
	want := []string{"  8 | a:", "> 9 |    b", "", "    |    ^"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := (Place{Snippet: ""}).SnippetLines(); len(got) != 0 {
		t.Errorf("got %q for nothing", got)
	}
}
