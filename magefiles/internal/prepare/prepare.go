// Package prepare runs the commands of `prepare:` in astrago.yaml, such as a compiler whose output the images copy.
package prepare

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

// Options say where and with what the commands run.
type Options struct {
	Dir string    // the application repository's root
	Env []string  // the whole environment, in the form of os.Environ
	Out io.Writer // standard output and standard error, streamed as they come
}

// Run runs each command with `sh -c`, one after another, and stops at the first that fails. A cancelled ctx ends the
// command with everything that it started.
func Run(ctx context.Context, commands []string, o Options) error {
	for _, command := range commands {
		if err := run(ctx, command, o); err != nil {
			return err
		}
	}
	return nil
}

func run(ctx context.Context, command string, o Options) error {
	cmd := procgroup.Shell(ctx, o.Dir, command, o.Env)
	cmd.Stdout, cmd.Stderr = o.Out, o.Out
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return problem.New(problem.Failed, "install a POSIX shell (Windows: Git for Windows has one) and put it on PATH",
			"preparing: running sh: %w", err)
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return problem.New(problem.Failed, fmt.Sprintf("run it by hand in %s to see more", o.Dir), "preparing: %q ended with exit code %d",
			command, exit.ExitCode())
	}
	return fmt.Errorf("preparing: running %q: %w", command, err)
}
