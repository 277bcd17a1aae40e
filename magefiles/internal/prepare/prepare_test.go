package prepare_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/prepare"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func TestRunStreamsInOrder(t *testing.T) {
	var out bytes.Buffer
	dir := t.TempDir()
	err := prepare.Run(t.Context(), []string{"echo one; echo two >&2", "pwd", "echo $GREETING"},
		prepare.Options{Dir: dir, Env: []string{"GREETING=안녕", "PATH=" + os.Getenv("PATH")}, Out: &out})
	if err != nil {
		t.Fatal(err)
	}
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := "one\ntwo\n" + resolved + "\n안녕\n"; out.String() != want {
		t.Errorf("output %q, want %q", out.String(), want)
	}
}

func TestRunStopsAtTheFirstFailure(t *testing.T) {
	dir := t.TempDir()
	err := prepare.Run(t.Context(), []string{"exit 7", "touch later"}, prepare.Options{Dir: dir, Env: os.Environ(), Out: &bytes.Buffer{}})
	if err == nil || !strings.Contains(err.Error(), `"exit 7" ended with exit code 7`) {
		t.Errorf("error %v does not name the command and its exit code", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "later")); err == nil {
		t.Error("the command after the failed one ran")
	}
}

func TestCancelEndsWhatTheCommandStarted(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := problem.New(problem.Terminate, "", "terminated")
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(filepath.Join(dir, "started")); err == nil {
				cancel(cause)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	err = prepare.Run(ctx, []string{"sleep 60 & touch started; wait"}, prepare.Options{Dir: dir, Env: os.Environ(), Out: write})
	if !errors.Is(err, cause) {
		t.Errorf("error %v, want the cause of the cancellation", err)
	}
	write.Close()
	// The pipe ends when the last process that holds it has ended.
	if err := read.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(read); err != nil {
		t.Errorf("a process outlived the cancellation: %v", err)
	}
}
