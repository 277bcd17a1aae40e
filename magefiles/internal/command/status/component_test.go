package status

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/history"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

// TestShownHoldIsTheLastThatNoBuildEnds before the others.
func TestShownHoldIsTheLastThatNoBuildEnds(t *testing.T) {
	newer := func(tag string) hold.Hold {
		return hold.Hold{Component: "core", Tag: tag, Until: config.HoldUntilNewer}
	}
	lift := func(tag string) hold.Hold {
		return hold.Hold{Component: "core", Tag: tag, Until: config.HoldUntilLift, By: "Lee"}
	}
	for name, test := range map[string]struct {
		holds []hold.Hold
		tag   string // "" for none
		by    string
	}{
		"none":                      {nil, "", ""},
		"of another component":      {[]hold.Hold{{Component: "batch", Tag: "x"}}, "", ""},
		"the newest":                {[]hold.Hold{newer("v1"), newer("v2")}, "v2", "Kim"},
		"the one until it is ended": {[]hold.Hold{lift("v1"), newer("v2")}, "v1", "Lee"},
		"the newest of those":       {[]hold.Hold{newer("v1"), lift("v2"), lift("v3"), newer("v4")}, "v3", "Lee"},
	} {
		read := repo.BranchRead{Snapshot: &repo.Snapshot{Book: hold.Book{Holds: test.holds}}, Holding: []repo.Commit{{Author: "Kim"}}}
		got := holdOf(read, "core")
		if got == nil {
			if test.tag != "" {
				t.Errorf("%s: none", name)
			}
			continue
		}
		if got.Tag != test.tag || got.By != test.by {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWantedTagIsWhatABumpSaysItSet(t *testing.T) {
	table := repo.Commit{Message: "deploy\n\ncore  v1 -> v2\n"}
	for want, o := range map[string]history.Provenance{
		"v2":       {TagQuery: history.TagQuery{Component: "core"}, Commit: table, SHA: "a1b2c3d4e5f6"},
		"a1b2c3d4": {TagQuery: history.TagQuery{Component: "batch"}, Commit: table, SHA: "a1b2c3d4e5f6"},
		"a1":       {SHA: "a1"},
	} {
		if got := wantedTag(o, ""); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := wantedTag(history.Provenance{SHA: "a1b2c3d4e5f6"}, "v3"); got != "v3" {
		t.Errorf("where the tag of a commit is known: %q", got)
	}
}
