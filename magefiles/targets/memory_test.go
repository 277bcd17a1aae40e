package targets_test

import (
	"slices"
	"strings"
	"testing"
)

// TestCollectorBeginsLate holds that a small command collects no garbage after its start, unless the user wants another GOGC.
func TestCollectorBeginsLate(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	collections := func(environ ...string) int {
		a.env = slices.Concat(environ, []string{"GODEBUG=gctrace=1"})
		return strings.Count("\n"+a.succeed("plan").stderr, "\ngc ")
	}
	if got := collections(); got > 1 { // of what packages begin with
		t.Errorf("%d collections", got)
	}
	if got := collections("GOGC=20"); got < 4 {
		t.Errorf("%d collections with the user's own GOGC", got)
	}
}
