package doctor

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// TestFindingTellsTheFirstProblemsAndEachRemedyOnce.
func TestFindingTellsTheFirstProblemsAndEachRemedyOnce(t *testing.T) {
	place := problem.Place{File: "/repo/astrago.yaml", Line: 3}
	for n, want := range map[int]string{
		1: "astrago.yaml:3: key 0", 3: "astrago.yaml:3: key 0; astrago.yaml:3: key 1; astrago.yaml:3: key 2",
		4: "astrago.yaml:3: key 0; astrago.yaml:3: key 1; astrago.yaml:3: key 2 (and 1 problem more)",
	} {
		var all []error
		for i := range n {
			all = append(all, problem.New(problem.Usage, "correct it", "key %d", i).At(place))
		}
		d := &doctorRun{env: &cli.Env{Project: &cli.Project{Root: "/repo"}}}
		got := d.failedHere(errors.Join(all...))
		if got.Text != want || got.Remedy != "correct it" {
			t.Errorf("%d problems: %q, %q", n, got.Text, got.Remedy)
		}
	}
	if got := failFinding(fmt.Errorf("reading: %w", errors.New("broken"))); got.Text != "reading: broken" || strings.Contains(got.Text, "0:") || got.Remedy != "" {
		t.Errorf("without a place: %+v", got)
	}
}
