package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/filelock"
)

// Keep makes sure that path is a regular file as it was produced, and is the one way by which a tool comes into the tools'
// cache. Where it is missing, or differs from the sum beside it, produce writes it under a temporary name of its own, and it
// appears only when it is whole. Of several goroutines and processes that want the same file one produces it, and the others
// wait for that until ctx ends.
func Keep(ctx context.Context, path string, produce func(temporary string) error) error {
	if ready, err := Intact(path); ready || err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("creating the tools' cache: %w", err)
	}
	release, err := filelock.Acquire(ctx, path+".lock", true)
	if err != nil {
		return fmt.Errorf("waiting for another process that makes %s: %w", filepath.Base(path), err)
	}
	defer release()
	if ready, err := Intact(path); ready || err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("creating the tools' cache: %w", err)
	}
	defer os.RemoveAll(dir)
	temporary := filepath.Join(dir, filepath.Base(path))
	if err := produce(temporary); err != nil {
		return err
	}
	sum, err := sumOf(temporary)
	if err != nil {
		return err
	}
	// Without its sum, as after a crash between the two, the file is made again.
	if err := errors.Join(os.Rename(temporary, path), os.WriteFile(sumFile(path), []byte(sum+"\n"), 0o644)); err != nil {
		return fmt.Errorf("keeping %s: %w", filepath.Base(path), err)
	}
	return nil
}
