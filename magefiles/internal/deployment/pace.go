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

// Writers that collide are spread over a multiple of the time in which they can collide: from the read to the answer to the
// write. It is measured, because it is some milliseconds on a server nearby and a second on a busy one. At 8 times it, 20
// writers at once need about 2 attempts for a commit; less wait costs more attempts and is no faster.
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
	attempt := c.clock.Now().Sub(s.readAt)
	return pause{
		first:   spread * min(max(attempt, shortestAttempt), longestAttempt),
		longest: longestBackoff,
		jitter:  c.pause.jitter,
	}.before(n)
}

// before gives how long to wait before the next attempt when n attempts have failed.
func (p pause) before(n int) time.Duration {
	ceiling := p.longest
	if shift := n - 1; shift < 16 {
		ceiling = min(ceiling, p.first<<shift)
	}
	return time.Duration(p.jitter() * float64(ceiling))
}
