// Package filelock has advisory locks of files, by which processes of one machine keep out of each other's way.
package filelock

import (
	"context"
	"fmt"
	"time"

	"github.com/gofrs/flock"
)

// lockInterval is the interval at which a held lock is tried again; short, because the guarded work takes milliseconds.
const lockInterval = 20 * time.Millisecond

// Acquire takes the advisory lock of a file, exclusively or shared with other readers, and waits until ctx ends.
// The kernel drops it when the process dies, so a killed build blocks no other.
func Acquire(ctx context.Context, path string, exclusive bool) (release func(), err error) {
	lock := flock.New(path)
	try := lock.TryRLockContext
	if exclusive {
		try = lock.TryLockContext
	}
	if _, err := try(ctx, lockInterval); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("locking %q: %w", path, err)
	}
	return func() { _ = lock.Close() }, nil
}

// TryAcquire takes the exclusive lock of a file unless it is held, which held reports.
func TryAcquire(path string) (release func(), held bool, err error) {
	lock := flock.New(path)
	locked, err := lock.TryLock()
	if err != nil || !locked {
		_ = lock.Close()
	}
	if err != nil {
		return nil, false, fmt.Errorf("locking %q: %w", path, err)
	}
	return func() { _ = lock.Close() }, !locked, nil
}
