// Package fakeclock is a clock for tests: its time passes only where code waits, and the test need not.
package fakeclock

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
)

// Clock is a backoff.Clock. It is safe for concurrent use.
type Clock struct {
	// OnSleep is called at the start of each Sleep, unless it is nil. It is set before the clock is used.
	OnSleep func()

	mu    sync.Mutex
	now   time.Time
	waits []time.Duration
}

var _ backoff.Clock = (*Clock)(nil)

// New returns a clock that shows the given time.
func New(now time.Time) *Clock { return &Clock{now: now} }

// Now returns the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Sleep moves the clock by d and returns at once, with the cause of ctx if that has ended.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if c.OnSleep != nil {
		c.OnSleep()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waits = append(c.waits, d)
	c.now = c.now.Add(d)
	return context.Cause(ctx)
}

// Advance moves the clock without a wait.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Waits returns the duration of each Sleep since the last Reset, in order.
func (c *Clock) Waits() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.waits)
}

// Total returns the sum of Waits.
func (c *Clock) Total() (sum time.Duration) {
	for _, d := range c.Waits() {
		sum += d
	}
	return sum
}

// Reset forgets the waits; the time stays.
func (c *Clock) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waits = nil
}
