package notes_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
)

func TestCountSaysWhichWayARangeGoes(t *testing.T) {
	one, many := notes.Side{Commits: 1}, notes.Side{Commits: 12, Omitted: 2}
	for _, test := range []struct {
		r               notes.Range
		english, korean string
	}{
		{notes.Range{Relation: notes.Ahead, Brings: one}, "brings 1 commit", "커밋 1개 반영"},
		{notes.Range{Relation: notes.Behind, TakesBack: many}, "takes back 12 commits", "커밋 12개 되돌림"},
		{
			notes.Range{Relation: notes.Diverged, Brings: many, TakesBack: one},
			"brings 12 commits and takes back 1 commit: it is on another line of history",
			"갈라진 이력: 커밋 12개 반영, 1개 되돌림",
		},
		{notes.Range{Relation: notes.Identical}, "the same commit", "같은 커밋"},
		{notes.Range{Relation: notes.Unknown, Reason: "no answer"}, "unknown: no answer", "알 수 없음: no answer"},
		{notes.Range{Relation: "perfect"}, "unknown: nothing tells", "알 수 없음: 알려 주는 것이 없음"},
	} {
		if got := notes.WordsIn("en").Count(test.r); got != test.english {
			t.Errorf("%q, want %q", got, test.english)
		}
		if got := notes.WordsIn("ko").Count(test.r); got != test.korean {
			t.Errorf("%q, want %q", got, test.korean)
		}
	}
	if got := notes.WordsIn("").Omitted(many); got != "and 2 commits before" || notes.WordsIn("").Omitted(one) != "" {
		t.Errorf("%q", got)
	}
}
