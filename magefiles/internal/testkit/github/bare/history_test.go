package bare_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

func TestHistoryMergeAndDiff(t *testing.T) {
	r := open(t)
	root := commit(t, r, "", map[string][]byte{"a": []byte("1\n"), "b": []byte("1\n")})
	left := commit(t, r, root, map[string][]byte{"a": []byte("2\n")})
	right := commit(t, r, root, map[string][]byte{"b": nil, "c": []byte("x\x00")})
	clash := commit(t, r, root, map[string][]byte{"a": []byte("3\n")})
	other := commit(t, r, "", map[string][]byte{"z": []byte("z")})
	if ids, err := r.History(t.Context(), bare.Walk{From: left, Path: "a", Limit: 5}); err != nil || !slices.Equal(ids, []string{left, root}) {
		t.Errorf("history = %v, %v", ids, err)
	}
	if ids, err := r.History(t.Context(), bare.Walk{From: left, Skip: 1}); err != nil || !slices.Equal(ids, []string{root}) {
		t.Errorf("history = %v, %v", ids, err)
	}
	if base, err := r.MergeBase(t.Context(), left, right); err != nil || base != root {
		t.Errorf("merge base = %s, %v", base, err)
	}
	if _, err := r.MergeBase(t.Context(), left, other); !errors.Is(err, bare.ErrMissing) {
		t.Errorf("merge base of strangers: %v", err)
	}
	for pair, want := range map[[2]string]bool{{root, left}: true, {left, left}: true, {left, right}: false} {
		if got, err := r.IsAncestor(t.Context(), pair[0], pair[1]); err != nil || got != want {
			t.Errorf("ancestor %v = %v, %v", pair, got, err)
		}
	}
	tree, err := r.Merge(t.Context(), left, right)
	if err != nil || !slices.Equal(paths(t, r, tree), []string{"a", "c"}) {
		t.Errorf("merge = %s, %v", tree, err)
	}
	if _, err := r.Merge(t.Context(), left, clash); !errors.Is(err, bare.ErrConflict) {
		t.Errorf("merge of a clash: %v", err)
	}
	changes, err := r.Diff(t.Context(), root, right)
	if err != nil || len(changes) != 2 || changes[0].Status != "D" || changes[0].Deletions != 1 || changes[1].Path != "c" || changes[1].Additions != 0 {
		t.Errorf("changes = %+v, %v", changes, err)
	}
	if changes, err = r.Diff(t.Context(), bare.EmptyTree, root); err != nil || len(changes) != 2 || changes[0].Status != "A" {
		t.Errorf("changes = %+v, %v", changes, err)
	}
}
