package guard

import (
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

func holding(holds ...hold.Hold) *repo.Snapshot {
	return &repo.Snapshot{Book: hold.Book{Holds: holds}}
}

// TestProposedLiftIsNotLost unless the bump lifts or puts the hold itself.
func TestProposedLiftIsNotLost(t *testing.T) {
	held := against(config.HoldUntilLift)
	for name, test := range map[string]struct {
		proposed *repo.Snapshot
		lifted   []component.Name
		change   func(*bump.Bump)
		ended    []hold.Hold
		lost     []component.Name
	}{
		"the pull request lifts":      {holding(), []component.Name{"core"}, nil, nil, []component.Name{"core"}},
		"it lifts another":            {holding(), []component.Name{"batch"}, nil, nil, nil},
		"the bump lifts as well":      {holding(), []component.Name{"core"}, func(b *bump.Bump) { b.Lift = []component.Name{"core"} }, nil, nil},
		"the bump holds anew":         {holding(), []component.Name{"core"}, func(b *bump.Bump) { b.Hold = []hold.Hold{held} }, nil, nil},
		"the build ends it":           {holding(), []component.Name{"core"}, nil, []hold.Hold{held}, nil},
		"the pull request has it yet": {holding(held), []component.Name{"core"}, nil, nil, nil},
	} {
		b := releaseOf(nil)
		if test.change != nil {
			test.change(&b)
		}
		got := lostLifts(b, holding(held, held), Proposed{Number: 7, Snapshot: test.proposed, Lifted: test.lifted}, test.ended)
		if !slices.Equal(got, test.lost) {
			t.Errorf("%s: lost %q, want %q", name, got, test.lost)
		}
	}
}

// TestProposedHoldIsReplacedByWhatEndsItAlone: by a newer build of the component, and by nothing else.
func TestProposedHoldIsReplacedByWhatEndsItAlone(t *testing.T) {
	for name, test := range map[string]struct {
		relation git.Relation
		hold     hold.Hold
		ends     bool
		reason   string
	}{
		"newer":                   {git.Ahead, against(config.HoldUntilNewer), true, ""},
		"older":                   {git.Behind, against(config.HoldUntilNewer), false, "this build is older than the rejected one"},
		"another line":            {git.Diverged, against(config.HoldUntilNewer), false, "this build is on another line of history"},
		"another component":       {git.Ahead, hold.Hold{Component: "batch", Until: config.HoldUntilNewer}, false, "this run leaves it out"},
		"newer, but until lifted": {git.Ahead, against(config.HoldUntilLift), false, "no build is taken until it is lifted"},
	} {
		ends, reason, err := endsProposed(t.Context(), releaseOf(related(test.relation)), test.hold)
		if err != nil || ends != test.ends || reason != test.reason {
			t.Errorf("%s: %v %q %v", name, ends, reason, err)
		}
	}
}

// TestDecisionOfAPersonCannotBeForcedPastAProposal but a release can.
func TestDecisionOfAPersonCannotBeForcedPastAProposal(t *testing.T) {
	p, b := Proposed{Number: 7}, releaseOf(nil)
	if got := p.WaysPast(b); !strings.Contains(got, "gh pr close 7 --delete-branch --repo acme/deployment") || !strings.Contains(got, "-force") {
		t.Errorf("a release: %q", got)
	}
	b.Lift = []component.Name{"core"}
	if got := p.WaysPast(b); strings.Contains(got, "-force") {
		t.Errorf("a lift: %q", got)
	}
}
