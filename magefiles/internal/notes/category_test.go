package notes_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
)

func TestTypeDecidesOverLabels(t *testing.T) {
	for message, want := range map[string]notes.Category{
		"feat: a": notes.Features, "FEAT(x): a": notes.Features, "fix(x): a": notes.Fixes, "perf: a": notes.Performance, "docs: a": notes.Documentation,
		"chore(deps): a": notes.Maintenance, "refactor!: a": notes.Breaking, "whatever!: a": notes.Breaking, "fix: a\n\nBREAKING CHANGE: b": notes.Breaking,
		`Revert "feat: a" (#3)`: notes.Reverts, "revert: a": notes.Reverts, "whatever: a": notes.Other, "feat a": notes.Other, "feat:a": notes.Other, "": notes.Other,
	} {
		side := notes.Builder{}.Side(notes.History{Count: 1, Commits: []notes.Commit{{SHA: "a", Message: message}}})
		if got := side.Groups[0].Category; got != want {
			t.Errorf("%q is in %s, want %s", message, got, want)
		}
	}
}

func TestLabelsGroupWhatTitlesDoNot(t *testing.T) {
	side := notes.Builder{}.Side(notes.History{Count: 4, Commits: []notes.Commit{
		{SHA: "a", Message: "Sign in (#1)"}, {SHA: "b", Message: "fix: a (#2)"}, {SHA: "c", Message: "Speed (#3)"}, {SHA: "d", Message: "Names (#4)"},
	}})
	if got := side.Unlabelled(); len(got) != 3 || got[0] != 1 {
		t.Errorf("labels are asked of %v", got)
	}
	labelled := side.Label(map[int][]string{1: {"help wanted", "Type: Enhancement"}, 2: {"kind/bug"}, 3: {"performance", "bug"}})
	var got []notes.Category
	for _, g := range labelled.Groups {
		got = append(got, g.Category)
	}
	if len(got) != 3 || got[0] != notes.Features || got[1] != notes.Fixes || got[2] != notes.Other {
		t.Errorf("the groups are %v", got)
	}
	if fixes := labelled.Groups[1].Changes; len(fixes) != 2 || fixes[0].PullRequest.Number != 2 || fixes[1].PullRequest.Labels[0] != "performance" {
		t.Errorf("the fixes are %+v", fixes)
	}
	if side.Groups[0].Changes[0].PullRequest.Labels != nil {
		t.Error("the side was changed")
	}
}
