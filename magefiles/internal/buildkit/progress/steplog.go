package progress

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/moby/buildkit/client"
	"github.com/moby/buildkit/util/progress/progressui"

	"github.com/xiilab/astrago-ci/magefiles/internal/output"
)

// StepLog is the full log of a component's build, in the format of docker build --progress=plain.
type StepLog struct {
	file     *os.File
	statuses chan *client.SolveStatus
	written  chan error
}

// OpenStepLog creates the log, whose directory is in an output directory (output.Open).
func OpenStepLog(path string) (*StepLog, error) {
	file, err := createLog(path)
	if err != nil {
		return nil, fmt.Errorf("creating build log: %w", err)
	}
	display, err := progressui.NewDisplay(file, progressui.PlainMode)
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("creating build log: %w", err)
	}
	l := &StepLog{file: file, statuses: make(chan *client.SolveStatus), written: make(chan error, 1)}
	go func() {
		// It ends with the channel: what is known when a build is cancelled belongs into its log.
		_, err := display.UpdateFrom(context.Background(), l.statuses)
		l.written <- err
	}()
	return l, nil
}

// createLog creates a file in a directory of an output directory.
func createLog(path string) (*os.File, error) {
	dir := filepath.Dir(path)
	parent, err := output.Open(filepath.Dir(dir))
	if err != nil {
		return nil, err
	}
	logs, err := parent.Sub(filepath.Base(dir))
	if err != nil {
		return nil, err
	}
	return logs.Create(filepath.Base(path))
}

func (l *StepLog) writeStatus(s *client.SolveStatus) { l.statuses <- s }

// Close writes what is left.
func (l *StepLog) Close() error {
	close(l.statuses)
	err := <-l.written
	if cerr := l.file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("writing build log: %w", err)
	}
	return nil
}
