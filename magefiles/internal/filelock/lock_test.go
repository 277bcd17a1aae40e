package filelock_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/filelock"
)

// Modes of a lock.
const (
	shared    = "shared"
	exclusive = "exclusive"
)

// pathVariable and modeVariable make this test binary a process that holds a lock until its standard input ends.
const pathVariable, modeVariable = "FILELOCK_TEST_PATH", "FILELOCK_TEST_MODE"

func TestMain(m *testing.M) {
	if path := os.Getenv(pathVariable); path != "" {
		os.Exit(hold(path, os.Getenv(modeVariable)))
	}
	os.Exit(m.Run())
}

func hold(path, mode string) int {
	release, err := filelock.Acquire(context.Background(), path, mode == exclusive)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer release()
	fmt.Fprint(os.Stdout, "h")
	_, _ = io.Copy(io.Discard, os.Stdin) // ends with the pipe
	return 0
}

// holder is a lock that somebody holds.
type holder struct{ release, die func() }

// inProcess holds a lock by a descriptor of this process.
func inProcess(t *testing.T, path, mode string) holder {
	t.Helper()
	release, err := filelock.Acquire(t.Context(), path, mode == exclusive)
	if err != nil {
		t.Fatal(err)
	}
	return holder{release: release, die: release}
}

// inAnother holds a lock by another process, and returns once it does.
func inAnother(t *testing.T, path, mode string) holder {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(command.Environ(), pathVariable+"="+path, modeVariable+"="+mode)
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatalf("the other process holds nothing: %v", err)
	}
	return holder{
		release: func() {
			_ = in.Close()
			if err := command.Wait(); err != nil {
				t.Error(err)
			}
		},
		die: func() {
			_ = command.Process.Kill()
			_ = command.Wait() // as killed
		},
	}
}

// holders are all that may hold a lock.
var holders = map[string]func(*testing.T, string, string) holder{"this process": inProcess, "another process": inAnother}

// wantLock checks whether a lock can be had. A free one is had at once, whatever the machine is busy with: only a held one is given up.
func wantLock(t *testing.T, path, mode string, free bool) {
	t.Helper()
	patience := 10 * time.Second
	if !free {
		patience = 30 * time.Millisecond
	}
	ended, end := context.WithTimeoutCause(t.Context(), patience, errors.New("it is held"))
	defer end()
	release, err := filelock.Acquire(ended, path, mode == exclusive)
	if err == nil {
		release()
	} else if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if (err == nil) != free {
		t.Errorf("%s: free %v", mode, err == nil)
	}
}

// isFreeToTry asks the same of TryAcquire.
func isFreeToTry(t *testing.T, path string) bool {
	t.Helper()
	release, held, err := filelock.TryAcquire(path)
	if err != nil {
		t.Error(err)
		return false
	}
	release() // also where it is held: it must not be the holder's
	return !held
}

// TestOnlyReadersShareALock, of whatever process, and nobody is kept out once the holder has let go of it or has died.
func TestOnlyReadersShareALock(t *testing.T) {
	for who, take := range holders {
		for _, held := range []string{shared, exclusive} {
			for end, ended := range map[string]func(holder){
				"release": func(h holder) { h.release() }, "death": func(h holder) { h.die() },
			} {
				t.Run(who+"/"+held+"/"+end, func(t *testing.T) {
					t.Parallel()
					path := filepath.Join(t.TempDir(), "lock")
					h := take(t, path, held)
					for range 2 { // asking changes nothing
						wantLock(t, path, shared, held == shared)
						wantLock(t, path, exclusive, false)
						if isFreeToTry(t, path) {
							t.Error("free to try")
						}
					}
					ended(h)
					if !isFreeToTry(t, path) {
						t.Error("it is held without a holder")
					}
					wantLock(t, path, exclusive, true)
					wantLock(t, path, shared, true)
				})
			}
		}
	}
}

// TestWaitEndsWithTheHolder, and the one that has waited then keeps others out.
func TestWaitEndsWithTheHolder(t *testing.T) {
	for who, take := range holders {
		for _, wanted := range []string{shared, exclusive} {
			t.Run(who+"/"+wanted, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "lock")
				h := take(t, path, exclusive)
				var released atomic.Bool
				done := make(chan error, 1)
				go func() {
					release, err := filelock.Acquire(t.Context(), path, wanted == exclusive)
					if err == nil && !released.Load() {
						err = errors.New("it was taken before its release")
					}
					if err == nil && isFreeToTry(t, path) {
						err = errors.New("the one that has waited does not hold it")
					}
					if err == nil {
						release()
						release() // again is nothing
					}
					done <- err
				}()
				wantLock(t, path, shared, false)
				released.Store(true)
				h.release()
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// TestWaitEndsWithItsContext: before it has begun, and within it.
func TestWaitEndsWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	ended, end := context.WithCancelCause(t.Context())
	end(nil)
	if _, err := filelock.Acquire(ended, path, true); !errors.Is(err, context.Canceled) {
		t.Errorf("of a free lock: %v", err)
	}
	defer inProcess(t, path, exclusive).release()
	for _, mode := range []string{shared, exclusive} {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(10*time.Millisecond, func() { cancel(nil) })
		if _, err := filelock.Acquire(ctx, path, mode == exclusive); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, of a held one: %v", mode, err)
		}
	}
}

// TestWhatCannotBeLockedIsNamed, and is not taken for held: nobody waits for it.
func TestWhatCannotBeLockedIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "missing", "lock")
	want := fmt.Sprintf("locking %q: ", path)
	for _, mode := range []string{shared, exclusive} {
		if _, err := filelock.Acquire(t.Context(), path, mode == exclusive); !errors.Is(err, fs.ErrNotExist) || err.Error()[:len(want)] != want {
			t.Errorf("%s: %v", mode, err)
		}
	}
	_, held, err := filelock.TryAcquire(path)
	if held || !errors.Is(err, fs.ErrNotExist) || err.Error()[:len(want)] != want {
		t.Errorf("held %v, %v", held, err)
	}
}

// TestLockingLeavesTheContent of the file, which may be one that the lock protects.
func TestLockingLeavesTheContent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	const content = "what it protects"
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	wantLock(t, path, exclusive, true)
	wantLock(t, path, shared, true)
	if !isFreeToTry(t, path) {
		t.Error("it is held")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != content {
		t.Errorf("%q, %v", got, err)
	}
}
