package guard

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/fakeclock"
)

// TestOnlyWhatDescendsReplacesSilently judges one build by each relation.
func TestOnlyWhatDescendsReplacesSilently(t *testing.T) {
	g := Guards{Clock: fakeclock.New(time.Now())}
	old := Predecessor{Components: []component.Name{"core"}, SHA: rejected, Ours: ours}
	for name, test := range map[string]struct {
		relation git.Relation
		diverged config.Divergence
		text     string
		override string
		notice   string
	}{
		"newer":        {relation: git.Ahead},
		"the same":     {relation: git.Identical},
		"older":        {relation: git.Behind, text: "a newer build is deployed: core from commit 9f8e7d6c", override: "behind acme/shop@" + rejected},
		"another line": {relation: git.Diverged, notice: "it is replaced, as `diverged: allow` says"},
		"another line, refused": {
			relation: git.Diverged, diverged: config.DivergedRefuse, text: "a build from another line of history is deployed",
			override: "diverged acme/shop@" + rejected,
		},
		"unknown": {
			relation: git.Unknown, text: "it cannot be compared with a1b2c3d4: the clone is shallow", override: "unknown acme/shop@" + rejected,
		},
	} {
		b := releaseOf(related(test.relation))
		b.Deployment.Diverged = test.diverged
		got, err := g.judgeBuild(t.Context(), b, old, "is deployed")
		if err != nil || (got.text == "") != (test.text == "") || !strings.Contains(got.text, test.text) || got.override != test.override ||
			(got.notice == "") != (test.notice == "") || !strings.Contains(got.notice, test.notice) || (got.way == "") != (got.text == "") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestOrderThatCannotBeAskedForIsForcedAsUnknown, and an error else.
func TestOrderThatCannotBeAskedForIsForcedAsUnknown(t *testing.T) {
	g := Guards{Clock: fakeclock.New(time.Now())}
	broken := errors.New("GitHub is down")
	b, old := releaseOf(fixedOrder{err: broken}), Predecessor{Components: []component.Name{"core"}, SHA: rejected, Ours: ours}
	if _, err := g.judgeBuild(t.Context(), b, old, "is deployed"); !errors.Is(err, broken) {
		t.Errorf("not forced: %v", err)
	}
	b.Force = true
	if got, err := g.judgeBuild(t.Context(), b, old, "is deployed"); err != nil || got.override != "unknown acme/shop@"+rejected {
		t.Errorf("forced: %+v, %v", got, err)
	}
}

// TestValueWithoutCommitGoesByTime: it is replaced by what was made after it was set, and by nothing of which that is not known.
func TestValueWithoutCommitGoesByTime(t *testing.T) {
	set := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	g := Guards{Clock: fakeclock.New(set.Add(time.Hour))}
	for name, test := range map[string]struct {
		made     time.Time
		by       repo.Commit
		ours     string
		replaces bool
		says     string
	}{
		"made later":    {set.Add(time.Minute), repo.Commit{SHA: rejected, Time: set, Author: "Kim"}, ours, true, "set 1 hour ago by Kim in 9f8e7d6c"},
		"made earlier":  {set.Add(-time.Minute), repo.Commit{SHA: rejected, Time: set}, ours, false, "is older than that"},
		"set by nobody": {set, repo.Commit{}, ours, false, "no commit is known that set it"},
		"no commit":     {set, repo.Commit{SHA: rejected, Time: set}, "", false, "nothing tells which commit is to replace it"},
		"no time":       {time.Time{}, repo.Commit{SHA: rejected, Time: set}, ours, false, "nothing tells when commit a1b2c3d4 was made"},
	} {
		b := releaseOf(fixedOrder{})
		b.Source.Time = test.made
		got := g.judgeUnnamed(t.Context(), b, Predecessor{Components: []component.Name{"core"}, Ours: commitid.ID(test.ours), by: test.by})
		if (got.text == "") != test.replaces || (got.notice != "") != test.replaces || !strings.Contains(got.text+got.notice, test.says) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestOrderRemedySaysEachWayOnce(t *testing.T) {
	got := orderRemedy([]orderRefusal{{way: "one"}, {way: "two"}, {way: "one"}})
	if want := "one\nor two\nor replace what is deployed on purpose: add -force"; got != want {
		t.Errorf("got %q", got)
	}
}
