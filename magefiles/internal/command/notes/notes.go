// Package notes is `mage notes`: it tells what a deployment brings to an environment, and what it takes back. It changes nothing.
package notes

import (
	"context"
	"io"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
	"github.com/xiilab/astrago-ci/magefiles/internal/summary"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// Options are the flags of `mage notes`.
type Options struct {
	cli.Flags
	From  string // -from: the environment whose images would be promoted; empty: the one that the configuration names
	Since string // -since: a commit or tag that what is deployed is compared with; empty: what would be deployed is
}

func (o Options) asCommand() cli.Command {
	arguments := cli.Arguments(nil).Text("from", o.From).Text("since", o.Since).Only(o.Only)
	return cli.Command{Name: report.CommandNotes, Arguments: arguments, PrintsItself: true, Quiet: true}
}

func (o Options) validate() error {
	if o.From != "" && o.Since != "" {
		return problem.New(problem.Usage, "give one of them", "choosing what to compare: -from and -since exclude each other")
	}
	return nil
}

// Run prints the notes.
func Run(ctx context.Context, p cli.Process, o Options) error {
	return cli.RunEnvironment(ctx, p, o.asCommand(), o.Flags, "", func(ctx context.Context, env *cli.Env) error {
		if err := o.validate(); err != nil {
			return err
		}
		reader, err := read(ctx, env, o)
		if err != nil {
			return err
		}
		n := *reader.Notes()
		if err := env.AppendTo(vars.StepSummary, func(w io.Writer) error { return summary.WriteNotes(w, n) }); err != nil {
			return err
		}
		if o.JSON {
			return env.PrintDocument(func(w io.Writer) error { return report.NotesJSON(w, n) })
		}
		return env.PrintConsole(func(c *console.Console) { c.Notes(n) })
	})
}

// read begins to read what lies between what the environment has and what it is compared with.
func read(ctx context.Context, env *cli.Env, o Options) (*rollout.NotesReader, error) {
	ends, n, err := findEnds(ctx, env, o)
	if err != nil {
		return nil, err
	}
	return rollout.ReadNotes(ctx, env, n, ends.ways(env.Project.Plan.Images)), nil
}
