package problem_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func TestFirstLineLeavesOutWhatToDo(t *testing.T) {
	own := problem.New(problem.Failed, "try it\nagain", "reading x: %w", errors.New("refused\n  by a server"))
	for _, err := range []error{own, fmt.Errorf("asking: %w", own), errors.New("reading x: refused\nmore")} {
		if got := problem.FirstLine(err); got != "reading x: refused" {
			t.Errorf("%q of %q", got, err)
		}
	}
}
