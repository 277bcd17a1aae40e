package guard

import (
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
)

func TestDescribeHold(t *testing.T) {
	now := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	since := now.Add(-26 * time.Hour)
	for want, test := range map[string]struct {
		hold hold.Hold
		by   string
	}{
		"core is held since 2026-03-04 10:00 UTC (1 day ago)": {},
		"core is held since 2026-03-04 10:00 UTC (1 day ago) by Kim: the audit": {
			hold: hold.Hold{Reason: " the\n audit "}, by: "Kim",
		},
		"core is held since 2026-03-04 10:00 UTC (1 day ago), rejecting core-1": {hold: hold.Hold{Tag: "core-1", Rejected: rejected}},
		"core is held since 2026-03-04 10:00 UTC (1 day ago) by Kim, rejecting commit 9f8e7d6c": {
			hold: hold.Hold{Rejected: rejected}, by: "Kim",
		},
	} {
		h := test.hold
		h.Component, h.Since = "core", since
		if got := describeHold(h, test.by, now); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

func TestTimeAgo(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Hour: "just now", 0: "just now", 59 * time.Second: "just now", time.Minute: "1 minute ago", 59 * time.Minute: "59 minutes ago",
		time.Hour: "1 hour ago", 119 * time.Minute: "1 hour ago", 23 * time.Hour: "23 hours ago", 24 * time.Hour: "1 day ago",
		49 * time.Hour: "2 days ago", 400 * 24 * time.Hour: "400 days ago",
	} {
		if got := timeAgo(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

// TestHoldRemedyNamesEveryWayAndNoOther: a release ends no hold that waits for a person.
func TestHoldRemedyNamesEveryWayAndNoOther(t *testing.T) {
	frozen := refusedHold{Hold: hold.Hold{Component: "batch", Until: config.HoldUntilNewer}}
	newer, waiting := refusedHold{Hold: against(config.HoldUntilNewer)}, refusedHold{Hold: against(config.HoldUntilLift)}
	same := newer
	same.same = true
	for name, test := range map[string]struct {
		holds []refusedHold
		first string
		only  string
	}{
		"a rejected build":   {[]refusedHold{newer}, "release a commit that descends from the rejected one", "-only=core "},
		"the rejected image": {[]refusedHold{same, same}, "change what core is built from", "-only=core "},
		"until it is lifted": {[]refusedHold{waiting}, "lift the hold", "-only=core "},
		"with a frozen one":  {[]refusedHold{newer, frozen}, "lift the hold", "-only=core,batch "},
		"after a frozen one": {[]refusedHold{frozen, newer}, "lift the hold", "-only=batch,core "},
	} {
		got := holdRemedy(bump.Bump{Environment: "stage"}, test.holds)
		if !strings.HasPrefix(got, test.first) || !strings.Contains(got, "mage hold -env=stage "+test.only) || !strings.HasSuffix(got, "add -force") {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}
