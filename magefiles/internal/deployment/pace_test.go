package deployment

import (
	"context"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
)

// The wait after a lost compare-and-swap follows the time that an attempt takes here, and not that of anywhere else.
func TestBackoffFollowsTheTimeOfAnAttempt(t *testing.T) {
	now := time.Now()
	c := &Client{clock: still{now}, pause: backoff.Exponential{First: time.Minute, Longest: time.Minute, Jitter: func() float64 { return 1 }}}
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
