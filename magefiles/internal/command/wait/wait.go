// Package wait is `mage wait`: it waits until Argo CD runs what the head of the environment's deployment says of this service,
// whichever commit of the application that is.
package wait

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// Options are the flags of `mage wait`.
type Options struct {
	cli.Flags
	rollout.WaitOptions // -timeout
}

func (o Options) asCommand() cli.Command {
	arguments := cli.Arguments(nil).Only(o.Only).Duration("timeout", o.Timeout)
	return cli.Command{Name: report.CommandWait, Arguments: arguments}
}

// Run waits.
func Run(ctx context.Context, p cli.Process, o Options) error {
	return cli.RunCommit(ctx, p, o.asCommand(), o.Flags, cli.CommitOptions{}, func(ctx context.Context, env *cli.Env) error {
		if err := o.WaitOptions.Validate(); err != nil {
			return err
		}
		live, err := rollout.NewWaiter(env, o.WaitOptions).WaitForHead(ctx)
		env.Record.AddLive(live)
		return err
	})
}
