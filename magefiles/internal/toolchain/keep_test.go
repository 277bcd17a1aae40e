package toolchain_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// entries are the names in a directory, without those of locks.
func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if filepath.Ext(file.Name()) != ".lock" {
			names = append(names, file.Name())
		}
	}
	return names
}

// TestKeepProducesOnce: many want the same file of an empty cache at once, as parallel tests do.
func TestKeepProducesOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "made")
	path := filepath.Join(dir, "tool")
	var produced atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			err := toolchain.Keep(t.Context(), path, func(temporary string) error {
				produced.Add(1)
				if _, err := os.Stat(path); err == nil {
					t.Error("the file is there before it is whole")
				}
				return os.WriteFile(temporary, []byte("whole"), 0o755)
			})
			if data, readErr := os.ReadFile(path); err != nil || readErr != nil || string(data) != "whole" {
				t.Errorf("%q, %v, %v", data, err, readErr)
			}
		})
	}
	group.Wait()
	if n := produced.Load(); n != 1 {
		t.Errorf("produced %d times", n)
	}
	if left := entries(t, dir); len(left) != 2 { // with its sum
		t.Errorf("%q are left", left)
	}
}

// TestKeepAfterAFailure leaves nothing of the failed attempt, and the next one succeeds.
func TestKeepAfterAFailure(t *testing.T) {
	dir := t.TempDir()
	path, failure := filepath.Join(dir, "tool"), errors.New("no network")
	err := toolchain.Keep(t.Context(), path, func(temporary string) error {
		return errors.Join(os.WriteFile(temporary, []byte("half"), 0o755), failure)
	})
	if left := entries(t, dir); !errors.Is(err, failure) || len(left) != 0 {
		t.Errorf("a failed attempt gives %v and leaves %q", err, left)
	}
	err = toolchain.Keep(t.Context(), path, func(temporary string) error { return os.WriteFile(temporary, []byte("whole"), 0o755) })
	if data, readErr := os.ReadFile(path); err != nil || readErr != nil || string(data) != "whole" {
		t.Errorf("the next attempt: %q, %v, %v", data, err, readErr)
	}
}
