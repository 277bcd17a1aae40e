package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Body is the part of a run that is specific to a command.
type Body func(ctx context.Context, env *Env) error

// Run is the frame of every command: it starts the run, and at its end writes the report and sends the messages. Its error carries the exit
// code (problem.Problem), and is already printed.
func Run(ctx context.Context, p Process, c Command, f Flags, body Body) error {
	ctx, env := Start(ctx, p, c, f)
	return env.finish(ctx, body(ctx, env))
}

// RunCommit is Run for a command on the images of the commit that is checked out. Where no component is left by the options, the
// body does not run.
func RunCommit(ctx context.Context, p Process, c Command, f Flags, o CommitOptions, body Body) error {
	return Run(ctx, p, c, f, func(ctx context.Context, env *Env) error {
		if err := (opener{env}).openCommit(ctx, o); err != nil {
			return err
		}
		if len(env.Project.Plan.Images) == 0 {
			env.Record.NothingToDo()
			env.Console.Note("no component has changed since " + o.ChangedSince)
			return nil
		}
		env.Status.start(ctx)
		return body(ctx, env)
	})
}

// RunEnvironment is Run for a command on images that exist already. Neither the commit that is checked out nor its tree matters: what
// is deployed says what there is. reason is why, as a person gave it.
func RunEnvironment(ctx context.Context, p Process, c Command, f Flags, reason string, body Body) error {
	return Run(ctx, p, c, f, func(ctx context.Context, env *Env) error {
		if err := (opener{env}).openEnvironment(ctx, reason); err != nil {
			return err
		}
		return body(ctx, env)
	})
}

// finish writes the report, sends the messages, and returns the error with its exit code.
func (env *Env) finish(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = env.Resume.cancelled(cause) // what a cancelled stage says is only an echo of the cancellation
	}
	env.Clients.close()
	env.Record.SortImages()
	env.Report.Seconds = time.Since(env.Report.Started).Seconds()
	env.Report.Stages = env.Console.Timings()
	env.reportOperate()
	if path := SubmodulePath(env.Vars, env.Project.Root); path != usualPath {
		env.Report.Submodule = path
	}
	if err = env.Resume.addHint(err, env.Command.ResumesRefused); err != nil {
		env.Record.SetDirty(env.Project.isDirty())
		env.Report.Fail(err)
		env.Report.Next = env.resumeLine()
	}
	if env.Project.Plan != nil && !env.Command.PrintsItself {
		env.Console.Finish(*env.Report)
	}
	env.Console.Error(err)
	env.noteOperate()
	writeErr := reportWriter{env}.write()
	notifier{env}.notify(ctx) // looks at how the run before ended, which Status replaces
	env.Status.finish(ctx)
	if flushErr := env.End(ctx, env.Report.Outcome, err); writeErr == nil {
		writeErr = flushErr
	}
	switch {
	case err != nil:
		return Reported(err, env.Report.Outcome)
	case writeErr != nil:
		return fmt.Errorf("writing the report: %w", writeErr)
	}
	return nil
}

// End closes the trace and the log, which never changes how the run ends, and standard error.
func (env *Env) End(ctx context.Context, outcome report.Outcome, err error) error {
	env.trace.finish(ctx, env, outcome, err)
	return env.stderr.Flush()
}

// Reported returns an error that the console has explained; mage prints it once more, so it is short.
func Reported(err error, outcome report.Outcome) error {
	return reportedError{err: err, outcome: outcome}
}

type reportedError struct {
	err     error
	outcome report.Outcome
}

func (e reportedError) Error() string { return string(e.outcome) + ", see above" }

func (e reportedError) Unwrap() error { return e.err }

// ExitStatus is asked for by mage's generated main.
func (e reportedError) ExitStatus() int { return report.NewError(e.err).Exit }
