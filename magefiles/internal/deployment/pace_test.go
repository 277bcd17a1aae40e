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

// The wait after a lost compare-and-swap follows the time that an attempt takes here, and not that of anywhere else.
func TestBackoffFollowsTheTimeOfAnAttempt(t *testing.T) {
	now := time.Now()
	c := &Client{clock: still{now}, pause: pause{first: time.Minute, longest: time.Minute, jitter: func() float64 { return 1 }}}
	early := &Snapshot{readAt: now.Add(-time.Hour)}
	for name, test := range map[string]struct {
		s       *Snapshot
		failure error
		n       int
		want    time.Duration
	}{
		"first":                      {&Snapshot{readAt: now.Add(-100 * time.Millisecond)}, errStale, 1, 400 * time.Millisecond},
		"third":                      {&Snapshot{readAt: now.Add(-100 * time.Millisecond)}, errStale, 3, 1200 * time.Millisecond},
		"at once":                    {&Snapshot{readAt: now}, errStale, 1, 8 * time.Millisecond},
		"slow":                       {&Snapshot{readAt: now.Add(-time.Minute)}, errStale, 1, 8 * time.Second},
		"slow, again and again":      {&Snapshot{readAt: now.Add(-time.Minute)}, errStale, 10, 30 * time.Second},
		"snapshot of long before":    {early, errStale, 1, 0},
		"nobody collided, no answer": {&Snapshot{readAt: now}, errUncertain, 1, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.backoff(Bump{Snapshot: early}, test.s, test.failure, test.n); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// still is a clock that stands.
type still struct{ now time.Time }

func (s still) Now() time.Time                           { return s.now }
func (still) Sleep(context.Context, time.Duration) error { return nil }

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
