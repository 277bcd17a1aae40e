package targets

import (
	"slices"
	"testing"
)

// A list that is given and names nothing is not the one that was not given, which means all.
func TestAListThatNamesNothing(t *testing.T) {
	for text, want := range map[string][]string{
		"": nil, "core": {"core"}, "core, batch,": {"core", "batch"}, "core,,batch": {"core", "batch"}, ",": {","}, " ": {" "}, " , ": {" , "},
	} {
		if got := list(&text); !slices.Equal(got, want) {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if got := list(nil); len(got) != 0 {
		t.Errorf("what is not given is %q", got)
	}
}
