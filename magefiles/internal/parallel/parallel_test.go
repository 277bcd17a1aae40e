package parallel_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
)

// atOnce counts how many steps are under way, and keeps the highest figure.
type atOnce struct{ now, most atomic.Int64 }

func (a *atOnce) step() {
	if now := a.now.Add(1); now > a.most.Load() {
		a.most.Store(now)
	}
	time.Sleep(time.Second)
	a.now.Add(-1)
}

func TestEveryItemIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		items := []int{2, 3, 5, 7, 11}
		var counted atOnce
		got := make([]int, len(items))
		if err := parallel.Each(t.Context(), 2, items, func(_ context.Context, i, item int) error {
			counted.step()
			got[i] = item
			return nil
		}); err != nil || !slices.Equal(got, items) {
			t.Errorf("%v, %v", got, err)
		}
		clear(got)
		parallel.All(2, items, func(i, item int) {
			counted.step()
			got[i] = item
		})
		if !slices.Equal(got, items) || counted.most.Load() != 2 {
			t.Errorf("%v, %d at once", got, counted.most.Load())
		}
	})
}

func TestAFailureEndsTheOthers(t *testing.T) {
	broken := errors.New("broken")
	var begun atomic.Int64
	err := parallel.Each(t.Context(), 2, []int{0, 1, 2, 3}, func(ctx context.Context, i, _ int) error {
		begun.Add(1)
		if i == 0 {
			return broken
		}
		<-ctx.Done()
		return context.Cause(ctx)
	})
	if !errors.Is(err, broken) || begun.Load() > 2 {
		t.Errorf("%v after %d items", err, begun.Load())
	}
}

func TestNothingBeginsInAnEndedContext(t *testing.T) {
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	if err := parallel.Each(ctx, 2, []int{0}, func(context.Context, int, int) error { t.Error("it begins"); return nil }); !errors.Is(err, stopped) {
		t.Error(err)
	}
}
