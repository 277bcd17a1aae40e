// Package toolchain gets the programs that a fresh machine lacks: from the distribution's packages, or compiled from a Go
// module that pins them. It says what it does before it does it.
package toolchain

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Say tells a person what takes time or changes the machine.
type Say func(format string, args ...any)

// shownLines is the number of lines of a failed command's output in an error.
const shownLines = 20

// Run runs a command whose output matters only when it fails: the Problem then holds the last lines of it. remedy says what
// to do next. A cancelled ctx interrupts the command, and its cause is returned.
func Run(ctx context.Context, cmd *exec.Cmd, remedy string) error {
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	// An interrupt lets go and apt-get end what they have started themselves.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	err := cmd.Run()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	lines := strings.Split(strings.TrimSpace(output.String()), "\n")
	return problem.New(problem.Failed, remedy, "running %q: %w:\n%s", strings.Join(cmd.Args, " "), err,
		strings.Join(lines[max(0, len(lines)-shownLines):], "\n"))
}
