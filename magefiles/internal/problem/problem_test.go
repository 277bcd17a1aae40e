package problem_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func TestErrorSaysWhatWhereAndWhatNext(t *testing.T) {
	p := problem.New(problem.Refused, "run this\nthen that", "checking %q: %w", "x", errors.New("gone")).
		At(problem.Place{File: "astrago.yaml", Line: 3, Column: 5, Snippet: "> 3 | a: b"})
	want := "astrago.yaml:3:5: checking \"x\": gone\n> 3 | a: b\n  → run this\n  → then that"
	if p.Error() != want {
		t.Errorf("got\n%s\nwant\n%s", p, want)
	}
}

func TestPlaceLeavesOutWhatIsUnknown(t *testing.T) {
	for want, place := range map[string]problem.Place{
		"":        {Line: 3},
		"f":       {File: "f"},
		"f:3":     {File: "f", Line: 3},
		"f:3:4":   {File: "f", Line: 3, Column: 4},
		"dir/f:1": {File: "dir/f", Line: 1},
	} {
		if got := place.String(); got != want {
			t.Errorf("%+v is %q, want %q", place, got, want)
		}
	}
}

func TestAsFindsAProblemInAChain(t *testing.T) {
	cause := errors.New("gone")
	p := problem.New(0, "", "reading: %w", cause)
	err := fmt.Errorf("bumping: %w", p)
	if problem.As(err) != p || !errors.Is(err, cause) || p.ExitStatus() != problem.Failed {
		t.Errorf("As gives %v, exit status %d", problem.As(err), p.ExitStatus())
	}
	if problem.As(cause) != nil {
		t.Error("As finds a problem where there is none")
	}
}
