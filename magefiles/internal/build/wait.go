package build

import (
	"context"
	"time"
)

const (
	startTimeout = time.Minute           // for a daemon to answer; it opens its databases first
	pollInterval = 10 * time.Millisecond // how often a daemon that is coming up is tried
)

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
