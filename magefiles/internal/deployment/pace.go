package deployment

import (
	"context"
	"errors"
	"time"
)

// Clock tells the time and waits, so that tests need not.
type Clock interface {
	Now() time.Time

	// Sleep returns after d, or with the context's cause as soon as ctx ends.
	Sleep(ctx context.Context, d time.Duration) error
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// pause is exponential backoff with full jitter: writers that collided once must not collide again in step
// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
type pause struct {
	first, longest time.Duration
	jitter         func() float64
}

// before gives how long to wait before the next attempt when n attempts have failed.
func (p pause) before(n int) time.Duration {
	ceiling := p.longest
	if shift := n - 1; shift < 16 {
		ceiling = min(ceiling, p.first<<shift)
	}
	return time.Duration(p.jitter() * float64(ceiling))
}

// Writers that collide are spread over a multiple of the time in which they can collide: from the read to the answer to the
// write. That is measured, because it is some milliseconds on a server nearby and a second on a busy one. It grows by the
// same with each failure: 20 writers at once need 2 attempts for a commit, where doubling needs as many and, after the last
// collision, leaves its losers waiting for nobody.
const (
	spread          = 4
	shortestAttempt = 2 * time.Millisecond
	longestAttempt  = 2 * time.Second
	longestBackoff  = 30 * time.Second
)

// backoff gives how long to wait after the nth attempt has failed on a snapshot.
func (c *Client) backoff(b Bump, s *Snapshot, failure error, n int) time.Duration {
	switch {
	case !errors.Is(failure, errStale):
		return c.pause.before(n)
	case s == b.Snapshot:
		return 0 // it was read long before: that the head has moved since says nothing about writers now
	}
	attempt := min(max(c.clock.Now().Sub(s.readAt), shortestAttempt), longestAttempt)
	ceiling := min(time.Duration(spread*n)*attempt, longestBackoff)
	return time.Duration(c.pause.jitter() * float64(ceiling))
}
