package daemon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// lockOwner takes the owner's lock; nil if a supervisor, or a process that is starting one, has it. The lock belongs to the open
// file (flock(2)), so that it passes to a child that inherits it.
func lockOwner(dir stateDir) (*os.File, error) {
	file, err := os.OpenFile(dir.ownerLock(), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the BuildKit daemon's lock: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, nil
		}
		return nil, fmt.Errorf("locking %q: %w", dir.ownerLock(), err)
	}
	if err := file.Truncate(0); err != nil { // the process that it names is gone
		_ = file.Close()
		return nil, fmt.Errorf("locking %q: %w", dir.ownerLock(), err)
	}
	return file, nil
}

func writePID(owner *os.File, pid int) error {
	if _, err := owner.WriteAt(strconv.AppendInt(nil, int64(pid), 10), 0); err != nil {
		return fmt.Errorf("writing the BuildKit daemon's process id: %w", err)
	}
	return nil
}

// Stop ends astrago-ci's own daemon of a cache directory with every build on it, and waits until it has ended. Without a running daemon it
// does nothing. Commands never need it: an unused daemon stops by itself.
func Stop(ctx context.Context, cacheDir string) error {
	absolute, err := filepath.Abs(cacheDir)
	if err != nil {
		return fmt.Errorf("finding the cache directory: %w", err)
	}
	return stopSupervised(ctx, stateDir(filepath.Join(absolute, "buildkit")))
}

// stopSupervised ends the daemon of a state directory, and waits for that.
func stopSupervised(ctx context.Context, dir stateDir) error {
	if _, err := os.Stat(dir.ownerLock()); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	signal := syscall.SIGTERM
	for deadline := time.Now().Add(stopTimeout); ; {
		owner, err := lockOwner(dir)
		if err != nil {
			return err
		}
		if owner != nil {
			return owner.Close()
		}
		if time.Now().After(deadline) {
			signal = syscall.SIGKILL
		}
		// No other process can have its id, as it holds the lock.
		if pid := supervisorPID(dir); pid > 0 {
			if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("stopping the BuildKit daemon: %w", err)
			}
		}
		if err := backoff.Sleep(ctx, 10*pollInterval); err != nil {
			return err
		}
	}
}

// supervisorPID is the process id in the owner's lock; zero where none is written yet.
func supervisorPID(dir stateDir) int {
	data, err := os.ReadFile(dir.ownerLock())
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(string(bytes.TrimSpace(data)))
	return pid
}

// killSupervisor ends a supervisor at once, and with it everything in its PID namespace.
func killSupervisor(pid int) error {
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("killing the BuildKit daemon: %w", err)
	}
	return nil
}

// checkPrivate closes a directory to others, and refuses one that belongs to another user.
func checkPrivate(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("checking the BuildKit daemon's directory: %w", err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(stat.Uid) != os.Geteuid() {
		return problem.New(problem.Failed, "remove "+dir, "using %q for the BuildKit daemon: another user owns it", dir)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("closing the BuildKit daemon's directory to others: %w", err)
	}
	return nil
}
