package cli

import (
	"cmp"
	"errors"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Resume says how to continue a run that was cut off.
type Resume struct {
	Line   string // the command line, once it must be this very one
	Always bool   // it is printed below any other remedy, as there may be a commit
}

// ResumeHere has the run continued by its own command line, unless another was set, and prints that below any other remedy.
func (env *Env) ResumeHere() {
	env.Resume = Resume{Line: cmp.Or(env.Resume.Line, env.commandLine()), Always: true}
}

// ResumeByWaiting has the run continued by waiting, as its commits are made.
func (env *Env) ResumeByWaiting(arguments Arguments) {
	env.Resume = Resume{Line: CommandLine(report.CommandWait, env.Report.Environment, arguments), Always: true}
}

// commandLine returns the command line of this run, in the environment that was found.
func (env *Env) commandLine() string {
	return CommandLine(env.Command.Name, cmp.Or(env.Report.Environment, env.Flags.Environment), env.Command.Arguments)
}

// resumeLine returns the command line that continues this run.
func (env *Env) resumeLine() string { return cmp.Or(env.Resume.Line, env.commandLine()) }

// cancelled returns the cause of a cancellation with how to go on.
func (r Resume) cancelled(cause error) error {
	if p := problem.As(cause); p != nil && r.Line != "" {
		return problem.New(p.Status, r.Line, "%w", p.Err)
	}
	return cause
}

// addHint puts the command that continues the run into an error that ends it: in place of a remedy that only says that
// the command is to be run again, which may be wrong after a commit, or else below the remedy, once there may be a commit.
// A refusal is not resumed unless resumesRefused says so.
func (r Resume) addHint(err error, resumesRefused bool) error {
	if err == nil || r.Line == "" {
		return err
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		errs := append([]error{r.addHint(joined.Unwrap()[0], resumesRefused)}, joined.Unwrap()[1:]...)
		return errors.Join(errs...)
	}
	remedy := ""
	if p := problem.As(err); p != nil {
		remedy = p.Remedy
	}
	rest, again := strings.CutPrefix(remedy, problem.Again)
	refused := report.OutcomeOf(err) == report.Refused && !resumesRefused
	switch {
	case remedy == "" || again:
		remedy = r.Line + "\n" + strings.TrimLeft(rest, " :;,")
	case r.Always && !refused && !strings.Contains(remedy, r.Line):
		remedy += "\n" + r.Line
	default:
		return err
	}
	return problem.New(report.NewError(err).Exit, strings.TrimSuffix(remedy, "\n"), "%w", err)
}
