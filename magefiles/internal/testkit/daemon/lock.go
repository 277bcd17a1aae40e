package daemon

import (
	"context"
	"fmt"

	"github.com/gofrs/flock"
)

// lock keeps other processes out until unlock: apt has one lock for its lists and another for packages, and waits for
// neither.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	file := flock.New(path)
	if _, err := file.TryLockContext(ctx, pollInterval); err != nil {
		return nil, fmt.Errorf("waiting for another installation: %w", err)
	}
	return func() { _ = file.Close() }, nil
}
