// Package prune is `mage prune`: it removes what BuildKit daemons keep for later builds, and, in an application repository, all but the
// last build in .astrago/.
package prune

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// pruneSchema names the form of what `mage prune -json` prints.
const pruneSchema = "astrago-ci/prune/v1"

// Options are the flags of `mage prune`.
type Options struct {
	All       bool // -all: also what the next build would need
	JSON      bool // -json: what was freed as JSON
	Verbosity int  // as cli.Flags.Verbosity
}

// Run prunes.
func Run(ctx context.Context, p cli.Process, o Options) error {
	c := cli.Command{Name: report.CommandPrune, Unreported: true, Quiet: true}
	return cli.Run(ctx, p, c, cli.Flags{JSON: o.JSON, Verbosity: o.Verbosity}, func(ctx context.Context, env *cli.Env) error {
		freed, err := prune(ctx, env, o.All)
		return errors.Join(err, printFreed(env, freed))
	})
}

func prune(ctx context.Context, env *cli.Env, all bool) ([]daemon.Freed, error) {
	ctx, stage := env.Stage(ctx, "prune")
	freed, err := pruneDaemons(ctx, env, all, stage)
	images, outputErr := pruneOutput(ctx, env, all)
	if err = errors.Join(err, outputErr); err != nil {
		stage.Fail(err)
		return append(freed, images...), err
	}
	freed = append(freed, images...)
	for _, f := range freed {
		fmt.Fprintf(stage.Writer(), "%s freed: %s\n", report.Size(f.Bytes), f.Where)
	}
	var total int64
	for _, f := range freed {
		total += f.Bytes
	}
	stage.Done(report.Size(total) + " freed")
	return freed, nil
}

// pruneDaemons makes no daemon that is not there: one without a cache has nothing to remove.
func pruneDaemons(ctx context.Context, env *cli.Env, all bool, stage *console.Stage) (freed []daemon.Freed, err error) {
	o, err := env.Clients.ConnectOptions(stage)
	if err != nil {
		return nil, err
	}
	o.Existing = true
	connections, err := daemon.ConnectAll(ctx, o)
	if errors.Is(err, daemon.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, c := range connections {
		f, pruneErr := c.Prune(ctx, all)
		freed, err = append(freed, f), errors.Join(err, pruneErr)
	}
	return freed, errors.Join(err, daemon.CloseAll(connections))
}

// pruneOutput leaves the last build, which `mage push` may still want.
func pruneOutput(ctx context.Context, env *cli.Env, all bool) ([]daemon.Freed, error) {
	root, err := git.Root(cmp.Or(env.Process.Dir, "."), config.FileName)
	if err != nil {
		return nil, nil //nolint:nilerr // outside of an application repository there is none
	}
	dir := filepath.Join(root, output.Name, output.Images)
	if _, err := os.Stat(dir); err != nil {
		return nil, nil //nolint:nilerr // nothing was built yet
	}
	layout, err := ocilayout.Open(dir)
	if err != nil {
		return nil, err
	}
	kept := 1
	if all {
		kept = 0
	}
	bytes, err := layout.PruneTo(ctx, kept)
	return []daemon.Freed{{Where: dir, Bytes: bytes}}, err
}

// printFreed prints for machines: bytes and place, a line each, or JSON.
func printFreed(env *cli.Env, freed []daemon.Freed) error {
	if env.Flags.JSON {
		type entry struct {
			Where   string `json:"where"`
			Records int    `json:"records"`
			Bytes   int64  `json:"bytes"`
		}
		entries := make([]entry, len(freed))
		for i, f := range freed {
			entries[i] = entry(f)
		}
		document := struct {
			Schema string  `json:"schema"`
			Freed  []entry `json:"freed"`
		}{pruneSchema, entries}
		return env.PrintDocument(func(w io.Writer) error { return report.WriteDocument(w, document) })
	}
	return env.Print(func(w io.Writer) error {
		for _, f := range freed {
			fmt.Fprintf(w, "%d\t%s\n", f.Bytes, f.Where)
		}
		return nil
	})
}
