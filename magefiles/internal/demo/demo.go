// Package demo shows the main job on a stack of its own: a real BuildKit daemon, a registry that asks for tokens as
// ghcr.io does, and a deployment repository that is real git behind GitHub's API, all on this machine. Two application
// repositories are released, as users do it: each by a process of its own, in its own directory.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/stack"
)

// Options say where the demo lives and what it runs.
type Options struct {
	Self    string    // the compiled targets, called with "release"
	Sources string    // root of this repository, whose tools are compiled where something lacks
	Cache   string    // directory of the user's cache for this tool; the stack's state is kept below it
	Environ []string  // of this process, in the form of os.Environ
	Out     io.Writer // for people
	Err     io.Writer // where the releases show their progress: a terminal, if there is one
	Keep    bool      // leave everything running until the context ends
}

// applications are released in this order.
var applications = []string{"backend", "frontend"}

// Run starts the stack, releases both applications, and shows what that left in the deployment repository. A second
// run finds everything released and says so.
func Run(ctx context.Context, o Options) (err error) {
	started := time.Now()
	fmt.Fprintln(o.Out, "A release on a stack of its own, on this machine: BuildKit, a registry, a GitHub.")
	if o.Keep {
		fmt.Fprintln(o.Out, "With -keep it stays up in the foreground, until Ctrl-C.")
	}
	d, err := start(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	fmt.Fprintf(o.Out, "  registry %s, GitHub API %s (%s)\n", d.stack.Registry.Addr(), d.stack.GitHub.URL(), took(started))
	if err := d.run(ctx, started); err != nil {
		return err
	}
	if o.Keep {
		return d.keep(ctx)
	}
	return nil
}

type demo struct {
	options Options
	dir     string
	stack   *stack.Stack
	daemon  *daemon.Connection // only while it is kept
	pushes  *gitServer         // likewise
}

// mostAtOnce bounds how many demos run beside each other.
const mostAtOnce = 9

// start starts the stack where no other demo runs: each has a directory of its own, in which the next one finds what it left.
func start(ctx context.Context, o Options) (*demo, error) {
	var err error
	for n := 1; n <= mostAtOnce; n++ {
		d := &demo{options: o, dir: filepath.Join(o.Cache, "demo")}
		if n > 1 {
			d.dir += fmt.Sprintf("-%d", n)
		}
		if d.stack, err = stack.Start(ctx, d.dir, filepath.Join(o.Cache, "bin")); err == nil {
			return d, nil
		}
		if !errors.Is(err, stack.ErrRunning) {
			break
		}
	}
	return nil, err
}

func (d *demo) run(ctx context.Context, started time.Time) error {
	before, err := d.stack.GitHub.Head(example.Deployment, example.Branch)
	if err != nil {
		return err
	}
	for _, application := range applications {
		if err := d.release(ctx, application); err != nil {
			return err
		}
	}
	changed, err := d.show(ctx, before)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.options.Out, "\nThe whole demo took %s.", took(started))
	if changed {
		fmt.Fprint(d.options.Out, " Run it again: there is nothing to do.")
	}
	fmt.Fprintln(d.options.Out)
	return nil
}

func (d *demo) close() error {
	errs := []error{d.pushes.close()}
	if d.daemon != nil {
		errs = append(errs, d.daemon.Close())
	}
	return errors.Join(append(errs, d.stack.Close())...)
}

func took(since time.Time) string { return time.Since(since).Round(10 * time.Millisecond).String() }
