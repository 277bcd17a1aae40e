package sample

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
)

// Notes are of a deployment that brings something to some components, takes something back from another, and of one of which nothing
// is known.
func Notes() notes.Notes {
	linker, err := notes.NewLinker([][2]string{{`BE-(\d+)`, "https://jira.example.com/browse/BE-$1"}})
	if err != nil {
		return notes.Notes{}
	}
	b := notes.Builder{Web: "https://github.com/xiilab/astrago-backend", Linker: linker}
	return notes.Notes{
		Schema: notes.Schema, Service: "backend", Environment: "prod", Application: "xiilab/astrago-backend", From: "stage",
		Ranges: []notes.Range{
			{
				Components: []component.Name{"core", "batch"}, Base: id("9f8e7d6c"), Head: id("a1b2c3d4"), Relation: notes.Ahead,
				URL: b.ComparePage("9f8e7d6c", "a1b2c3d4"), Brings: b.Side(brought()), TakesBack: b.Side(notes.History{}),
			},
			{
				Components: []component.Name{"web"}, Base: id("0badc0de"), Head: id("9f8e7d6c"), Relation: notes.Behind,
				Brings: b.Side(notes.History{}), TakesBack: b.Side(notes.History{Count: 1, Commits: []notes.Commit{
					{SHA: id("0badc0de"), Author: "Choi", Time: Time, Message: "feat: sign in with a passkey (#21)"},
				}}),
			},
			{
				Components: []component.Name{"monitor"}, Relation: notes.Unknown,
				Reason: "nothing tells which commit the deployed image is of",
				Brings: b.Side(notes.History{}), TakesBack: b.Side(notes.History{}),
			},
		},
	}
}

func brought() notes.History {
	return notes.History{Count: 260, Commits: []notes.Commit{
		{
			SHA: id("a1b2c3d4"), Parents: []commitid.ID{id("b1"), id("c2")}, Author: "Lee", Time: Time,
			Message: "Merge pull request #12 from xiilab/fast\n\nfeat(list): make the list faster, BE-7",
		},
		{SHA: id("c2"), Parents: []commitid.ID{id("c1")}, Author: "Lee", Time: Time, Message: "wip"},
		{SHA: id("c1"), Parents: []commitid.ID{id("b1")}, Author: "Lee", Time: Time, Message: "wip too"},
		{
			SHA: id("b1"), Parents: []commitid.ID{id("b0")}, Author: "김개발", Time: Time,
			Message: "fix: 두 번 결제하지 않는다 (#11)\n\nBE-8",
		},
		{SHA: id("b0"), Parents: []commitid.ID{id("ba")}, Author: "Park", Time: Time, Message: "feat!: drop the old API"},
		{
			SHA: id("ba"), Parents: []commitid.ID{id("bb")}, Author: "Choi", Time: Time,
			Message: "Look `at` <this> @xiilab/backend ![x](https://evil.example) closes #3",
		},
	}}
}

// id is a commit's, of its first digits.
func id(digits string) commitid.ID {
	return commitid.ID(digits) + commitid.Null[len(digits):]
}
