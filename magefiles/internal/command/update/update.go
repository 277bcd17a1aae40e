// Package update is `mage update`: it moves the submodule ci/ to another version, shows what lies between, and stages it. It does not
// read the configuration: one that only the new version understands must not be in the way.
package update

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/submodule"
)

// Options are the flags of `mage update`.
type Options struct {
	To        string // -to: version, branch or commit; empty: the newest version
	Verbosity int    // as cli.Flags.Verbosity
}

// Run moves the submodule.
func Run(ctx context.Context, p cli.Process, o Options) error {
	c := cli.Command{Name: report.CommandUpdate, Arguments: cli.Arguments(nil).Text("to", o.To)}
	return cli.Run(ctx, p, c, cli.Flags{Verbosity: o.Verbosity}, func(ctx context.Context, env *cli.Env) error {
		root, err := git.Root(cmp.Or(env.Process.Dir, "."), config.FileName)
		if err != nil {
			return err
		}
		moved, err := submodule.Move(ctx, root, o.To)
		if err != nil {
			return err
		}
		printMove(env, moved)
		return env.PrintText(moved.To + "\n")
	})
}

// printMove tells what the move brings.
func printMove(env *cli.Env, u *submodule.Update) {
	say := func(format string, args ...any) { env.Console.Note(fmt.Sprintf(format, args...)) }
	if u.UpToDate {
		say("nothing to do: %s is at %s", u.Path, u.To)
		return
	}
	verb := "brings"
	if u.Back {
		verb = "takes back"
	}
	say("%s from %s to %s, which %s:", u.Path, u.From, u.To, verb)
	for _, change := range u.Changes {
		say("- %s", change)
	}
	say("staged: %s", strings.Join(append([]string{u.Path}, u.Files...), ", "))
	say("look whether it reads astrago.yaml as before: ./%s/scripts/mage plan; then: git commit -m \"ci: %s\"", u.Path, u.To)
}
