// Package backoff says how long to wait before something is tried again, and waits.
package backoff

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// Exponential is a pause that doubles with each failure. Jitter spreads it: clients that collided once must not collide again
// in step (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
type Exponential struct {
	First, Longest time.Duration
	Jitter         func() float64 // the part of a pause to wait, in [0, 1]; safe for concurrent use
}

// Before returns how long to wait before the next attempt when n attempts have failed, n from 1.
func (e Exponential) Before(n int) time.Duration {
	ceiling := e.Longest
	if shift := n - 1; shift < 16 {
		ceiling = min(ceiling, e.First<<shift)
	}
	return time.Duration(e.Jitter() * float64(ceiling))
}

// longestWait bounds what a server may ask for.
const longestWait = 24 * time.Hour

// RetryAfter returns how long an answer asks to wait, and whether it does: seconds or a date (RFC 9110, 10.2.3). It is never
// negative, and a day at most.
func RetryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil {
		return time.Duration(min(seconds, uint64(longestWait/time.Second))) * time.Second, true //nolint:gosec // bounded
	}
	if date, err := http.ParseTime(value); err == nil {
		return min(max(0, date.Sub(now)), longestWait), true
	}
	return 0, false
}

// Sleep waits for d, or returns the context's cause as soon as ctx ends.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// Clock tells the time and waits, so that tests need not.
type Clock interface {
	Now() time.Time

	// Sleep returns after d, or with the context's cause as soon as ctx ends.
	Sleep(ctx context.Context, d time.Duration) error
}

// System is the machine's clock.
type System struct{}

// Now implements Clock.
func (System) Now() time.Time { return time.Now() }

// Sleep implements Clock.
func (System) Sleep(ctx context.Context, d time.Duration) error { return Sleep(ctx, d) }
