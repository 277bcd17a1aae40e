package gitops

import (
	"context"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

// The wait after a lost compare-and-swap follows the time that an attempt takes here, and not that of anywhere else.
func TestBackoffFollowsTheTimeOfAnAttempt(t *testing.T) {
	now := time.Now()
	c := &Client{clock: still{now}, pause: backoff.Exponential{First: time.Minute, Longest: time.Minute, Jitter: func() float64 { return 1 }}}
	early := &repo.Snapshot{ReadAt: now.Add(-time.Hour)}
	for name, test := range map[string]struct {
		s       *repo.Snapshot
		failure error
		n       int
		want    time.Duration
	}{
		"first":                      {&repo.Snapshot{ReadAt: now.Add(-100 * time.Millisecond)}, repo.ErrStale, 1, 400 * time.Millisecond},
		"third":                      {&repo.Snapshot{ReadAt: now.Add(-100 * time.Millisecond)}, repo.ErrStale, 3, 1200 * time.Millisecond},
		"at once":                    {&repo.Snapshot{ReadAt: now}, repo.ErrStale, 1, 8 * time.Millisecond},
		"slow":                       {&repo.Snapshot{ReadAt: now.Add(-time.Minute)}, repo.ErrStale, 1, 8 * time.Second},
		"slow, again and again":      {&repo.Snapshot{ReadAt: now.Add(-time.Minute)}, repo.ErrStale, 10, 30 * time.Second},
		"snapshot of long before":    {early, repo.ErrStale, 1, 0},
		"nobody collided, no answer": {&repo.Snapshot{ReadAt: now}, repo.ErrUncertain, 1, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.waitAfter(bump.Bump{Snapshot: early}, test.s, test.failure, test.n); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// still is a clock that stands.
type still struct{ now time.Time }

func (s still) Now() time.Time                           { return s.now }
func (still) Sleep(context.Context, time.Duration) error { return nil }
