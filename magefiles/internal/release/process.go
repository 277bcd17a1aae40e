// Package release is the only one that knows the order of things: what is looked at before anything expensive, what must
// have happened before the next thing may, and what is reported of it.
package release

import (
	"context"
	"io"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Process is what a command needs of the process that it runs in.
type Process struct {
	Dir     string    // where it was called, the working directory when empty
	Environ []string  // in the form of os.Environ
	Stdout  io.Writer // the machine's result
	Stderr  io.Writer // everything for people
}

// Options are the flags of the targets.
type Options struct {
	Environment string        // -env; empty: the one that the branch deploys to
	Only        []string      // -only; empty: all components
	Force       bool          // -force; deploy also over a newer build
	DryRun      bool          // -dryRun: look at everything, change nothing
	Lint        bool          // -lint: what BuildKit's checks find fails the build
	Progress    string        // -progress: how the build is shown; empty or auto: as suits standard error
	JSON        bool          // -json: the report instead of lines on standard output
	Build       bool          // -build: let push build what the registry lacks
	Images      []string      // -images: repository:tag@digest, what another job has pushed; nil: not given
	Rebuild     bool          // -rebuild: build also what has been built from the same inputs
	Parallel    int           // -parallel: components built at once; 0: as build.Options.Parallel has it
	Explain     bool          // -explain: what has changed of what is to be built
	Since       string        // -changedSince: only components that are made of something else than at this revision; empty: all
	NoWait      bool          // -noWait: do not wait for ArgoCD
	Timeout     time.Duration // -timeout: for how long to wait for it; zero: as configured
	From        string        // -from; the environment to promote from, empty: the one that the configuration names
	To          string        // -to; what to roll back to: a tag, a commit of the application or of the deployment repository
	Steps       int           // -steps; how many states to roll back; 0 is 1
	Reason      string        // -reason; why, for commits and for whoever is refused
	Lift        bool          // -lift; end holds
	All         bool          // -all: prune also what the next build would need
	HTML        string        // -html; file that the page is written to, empty: none
	Verbosity   int           // -v is 1: a log of stages, decisions and requests; -vv is 2: also of what they are made of
}

// Command is one target. Its error carries the exit code (problem.Problem) and was already told on Stderr.
type Command func(ctx context.Context, p Process, o Options) error

// command wraps a body with what all commands share: the plan before, the report after.
func command(name report.Command, body func(context.Context, *session) error) Command {
	return func(ctx context.Context, p Process, o Options) error {
		ctx, s := newSession(ctx, name, p, o)
		err := s.open(ctx)
		switch {
		case err != nil:
		case len(s.plan.Images) == 0:
			s.nothingChanged()
		default:
			s.begin(ctx)
			err = body(ctx, s)
		}
		return s.close(ctx, err)
	}
}
