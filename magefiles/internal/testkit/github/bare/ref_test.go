package bare_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

const mainRef = "refs/heads/main"

func TestMoveComparesAndSwaps(t *testing.T) {
	r := open(t)
	one := commit(t, r, "", map[string][]byte{"a": []byte("1")})
	if err := r.Move(t.Context(), mainRef, bare.Zero, one); err != nil {
		t.Fatal(err)
	}
	const writers = 6
	shas := make([]string, writers)
	for w := range writers {
		shas[w] = commit(t, r, one, map[string][]byte{"a": {byte(w)}})
	}
	var wait sync.WaitGroup
	won := make([]error, writers)
	for w := range writers {
		wait.Go(func() { won[w] = r.Move(t.Context(), mainRef, one, shas[w]) })
	}
	wait.Wait()
	head, err := r.Resolve(mainRef)
	if err != nil {
		t.Fatal(err)
	}
	for w, err := range won {
		if (err == nil) != (shas[w] == head) || (err != nil && !errors.Is(err, bare.ErrStale)) {
			t.Errorf("writer %d: %v", w, err)
		}
	}
	if err := r.Move(t.Context(), mainRef, bare.Zero, one); !errors.Is(err, bare.ErrStale) {
		t.Errorf("creating what exists: %v", err)
	}
	if err := r.Move(t.Context(), mainRef+"/below", bare.Zero, one); err == nil || errors.Is(err, bare.ErrStale) {
		t.Errorf("creating below a reference: %v", err)
	}
	if err := r.Move(t.Context(), mainRef, head, bare.Zero); err != nil {
		t.Errorf("deleting: %v", err)
	}
	if refs, err := r.Refs(t.Context(), "refs/"); err != nil || len(refs) != 0 {
		t.Errorf("references = %v, %v", refs, err)
	}
}
