package deployment

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestPauseIsFullJitterBelowAGrowingCeiling(t *testing.T) {
	last := pause{first: 300 * time.Millisecond, longest: 10 * time.Second, jitter: func() float64 { return 1 }}
	for n, want := range map[int]time.Duration{1: 300 * time.Millisecond, 2: 600 * time.Millisecond, 5: 4800 * time.Millisecond, 7: 10 * time.Second, 1000: 10 * time.Second} {
		if got := last.before(n); got != want {
			t.Errorf("ceiling after %d failures is %s, want %s", n, got, want)
		}
	}
	last.jitter = func() float64 { return 0 }
	if got := last.before(5); got != 0 {
		t.Errorf("the shortest pause is %s, want none", got)
	}
}

func TestSleepEndsWithTheCause(t *testing.T) {
	cause := errors.New("SIGTERM")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if err := (systemClock{}).Sleep(ctx, time.Hour); !errors.Is(err, cause) {
		t.Errorf("error is %v, want the cause", err)
	}
	if err := (systemClock{}).Sleep(t.Context(), time.Nanosecond); err != nil {
		t.Error(err)
	}
}
