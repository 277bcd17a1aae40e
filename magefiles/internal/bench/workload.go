package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/stack"
)

// workload is a stack of registry and GitHub with a BuildKit daemon, on which the cases run their applications.
type workload struct {
	options  Options
	stack    *stack.Stack
	daemon   *daemon.Connection
	buildctl string
	environ  []string // of astrago-ci's commands and of the other tools'
	meter    string   // GNU time
	baker    *bakery  // once a case has asked for it
	counter  int      // of applications, each with repositories of its own
}

func newWorkload(ctx context.Context, o Options) (*workload, error) {
	s, err := stack.Start(ctx, filepath.Join(o.Dir, "stack"), filepath.Join(o.Cache, "bin"))
	if err != nil {
		return nil, err
	}
	w := &workload{options: o, stack: s}
	if err := w.prepare(ctx); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *workload) prepare(ctx context.Context) (err error) {
	if w.meter, err = w.options.Tools.Package(ctx, "time"); err != nil {
		return err
	}
	if w.buildctl, err = w.options.Tools.Tool(ctx, "buildkit", "github.com/moby/buildkit/cmd/buildctl"); err != nil {
		return err
	}
	w.daemon, err = daemon.Connect(ctx, daemon.Options{
		CacheDir: filepath.Join(w.options.Dir, "cache"), BinDir: filepath.Join(w.options.Cache, "bin"),
		ToolsDir: func(context.Context) (string, error) {
			return filepath.Join(w.options.Sources, "scripts", "tools"), nil
		},
		Say: func(format string, args ...any) { fmt.Fprintf(w.options.Err, format+"\n", args...) },
	})
	if err != nil {
		return err
	}
	if err := w.stack.Login(w.docker()); err != nil {
		return err
	}
	w.environ = append(w.stack.Environ(w.options.Environ), "BUILDKIT_HOST="+w.daemon.Address, "DOCKER_CONFIG="+w.docker(),
		"DOCKER_HOST=unix:///nonexistent/docker.sock")
	return nil
}

// docker returns the directory in which other tools find the registry's account.
func (w *workload) docker() string { return filepath.Join(w.options.Dir, "docker") }

// mage is a run of the compiled targets. The values that a first release replaces are younger than its commit, whose time is
// always the same, and name no commit: only -force replaces such.
func (w *workload) mage(dir string, args ...string) command {
	if args[0] == "release" {
		args = append(args, "-force")
	}
	return command{dir: dir, environ: w.environ, args: append([]string{w.options.Self}, args...), meter: w.meter}
}

// prune empties the daemon's cache, so that the next build is a first one.
func (w *workload) prune(ctx context.Context) error {
	return command{environ: w.environ, args: []string{w.buildctl, "--addr", w.daemon.Address, "prune", "--all"}}.do(ctx)
}

func (w *workload) close() error {
	var err error
	if w.daemon != nil {
		err = w.daemon.Close()
	}
	return errors.Join(err, w.stack.Close())
}
