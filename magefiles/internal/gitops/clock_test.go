package gitops_test

import (
	"context"
	"sync"
	"time"
)

// clock jumps instead of sleeping.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	slept  []time.Duration
	during func() // called in each Sleep
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	if c.during != nil {
		c.during()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slept = append(c.slept, d)
	c.now = c.now.Add(d)
	return context.Cause(ctx)
}

func (c *clock) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slept = nil
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func (c *clock) total() (sum time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, d := range c.slept {
		sum += d
	}
	return sum
}
