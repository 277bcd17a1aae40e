package targets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// run is the edge: it hands the process to a command and makes signals cancel it.
func run[Options any](ctx context.Context, command func(context.Context, cli.Process, Options) error, options Options) error {
	ctx, stop := cancelOnSignal(ctx)
	defer stop()
	return command(ctx, process(), options)
}

func process() cli.Process {
	collectLate()
	return cli.Process{Environ: environ(), Stdout: os.Stdout, Stderr: os.Stderr}
}

// environ is the environment as it was when the first target began: from then on the process itself has no credentials, which
// a second target of the same command line (mage build push) needs too.
var environ = sync.OnceValue(func() []string {
	environ, err := procgroup.Harden(vars.IsCredential)
	if err != nil {
		fmt.Fprintf(os.Stderr, "notice: %v; other processes of this user may read its tokens\n", err)
	}
	return environ
})

// cancelOnSignal cancels with the cause that gives the conventional exit code, 128 + the signal's number. mage's own
// main knows SIGINT only, and cancels without a cause; a cancelled workflow sends SIGTERM.
func cancelOnSignal(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(parent))
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case received := <-signals:
			cancel(interruption(received))
		case <-parent.Done():
			cancel(ended(parent))
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}

func interruption(received os.Signal) error {
	status, name := problem.Interrupt, "SIGINT"
	if received == syscall.SIGTERM {
		status, name = problem.Terminate, "SIGTERM"
	}
	return problem.New(status, problem.Again+": it continues where this one stopped", "cancelled by %s", name)
}

// ended tells mage's two reasons apart: the time of `mage -t` is over, or it saw the SIGINT first.
func ended(parent context.Context) error {
	if errors.Is(parent.Err(), context.DeadlineExceeded) {
		return problem.New(problem.Failed, "give it more time: mage -t", "stopping: the time of `mage -t` is over")
	}
	return interruption(os.Interrupt)
}
