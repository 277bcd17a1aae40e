package yq_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/mikefarah/yq/v4/pkg/yqlib"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/yq"
)

// TestAnAssignmentReachesWhatItsLeftSideMatches judges assignments behind each operator that hands them their input, and leaves
// alone those of which it cannot know the input. It changes nothing.
func TestAnAssignmentReachesWhatItsLeftSideMatches(t *testing.T) {
	const doc = "a: {b: c, n: 1}\nlist: [{name: x, tag: t}, {name: y, tag: t}]\nm: {p: {tag: t}}\n"
	for expression, want := range map[string][]bool{
		`.a.b = "v"`:                                      {true},
		`.a.b += "v"`:                                     {true},
		`.a.missing = "v"`:                                {false}, // yq makes it while it evaluates
		`.a.b.c = "v"`:                                    {false},
		`(.a | select(.b == "no")) = "v"`:                 {false},
		`(.a | select(.b == "c") | .b) = "v"`:             {true},
		`.a.b = "v" | .a.b.c = "w"`:                       {true, false},
		`.a.b = "v", .a.b.c = "w"`:                        {true, false},
		`.list[] | select(.name == "x") | .tag = "v"`:     {true},
		`.list[] | select(.name == "z") | .tag = "v"`:     {false},
		`with(.a; .b = "v")`:                              {true},
		`with(.a; .b.c = "v") | .a.b = "w"`:               {true, false},
		`.m |= map(.tag = "v")`:                           {true, true},
		`.list |= map(.tag = "v")`:                        {true, true},
		`.list |= map(select(.name == "z") | .tag = "v")`: {true, false},
		`.list[] |= (select(.name == "y") | .tag = "v")`:  {true, true},
		`.a.b as $v | (.a | select(.b == $v)) = "w"`:      {true},
		`.a.n as $v | (.a | select(.b == $v)) = "w"`:      {false},
		`(.a | sort_keys(.) | .b) = "v"`:                  nil, // not tried: it changes the tree
		`del(.a) | .a.b = "v"`:                            nil,
		`.a`:                                              nil,
	} {
		root, e := tree(t, doc), parse(t, expression)
		before := outline(root)
		unlock := yq.Lock()
		set := yq.Assignments(root, e)
		unlock()
		var got []bool
		for _, matched := range set {
			got = append(got, matched)
		}
		slices.SortFunc(got, func(a, b bool) int { return len(fmt.Sprint(a)) - len(fmt.Sprint(b)) })
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", expression, got, want)
		}
		if complete := !slices.Contains(want, false); set.IsComplete() != complete {
			t.Errorf("%s is complete: %t", expression, !complete)
		}
		if after := outline(root); after != before {
			t.Errorf("%s has made %s of %s", expression, after, before)
		}
	}
}

// TestDocumentsAreCountedOnce counts what matches before an evaluation, and what does only after it.
func TestDocumentsAreCountedOnce(t *testing.T) {
	a, b := &yqlib.ExpressionNode{}, &yqlib.ExpressionNode{}
	reach := yq.Reach{}
	reach.Count(yq.MatchSet{a: true, b: false}, nil)
	reach.Count(yq.MatchSet{a: false, b: false}, yq.MatchSet{a: true})
	reach.Count(yq.MatchSet{a: true, b: false}, yq.MatchSet{a: true, b: false})
	if got, want := *reach[a], (yq.Documents{Before: 2, After: 3}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := *reach[b], (yq.Documents{}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
