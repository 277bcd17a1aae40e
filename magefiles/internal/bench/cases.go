package bench

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"
)

// ours names astrago-ci's side in every row.
const ours = "astrago-ci"

// entry is the whole way of a warm start: the shell script, its look at the content, and the binary.
func (w *workload) entry(ctx context.Context) ([]Row, error) {
	script := command{
		dir: w.options.Sources, environ: w.options.Environ,
		args: []string{filepath.Join(w.options.Sources, "scripts", "mage"), "-l"},
	}
	samples, err := measure(ctx, repetitions, side{ours, []step{timed("list", script.run)}})
	if err != nil {
		return nil, err
	}
	return []Row{{Case: "scripts/mage -l, compiled before", Ours: samples[ours]["list"], Target: Bound{Wall: 100 * time.Millisecond}}}, nil
}

// again releases a commit that is released.
func (w *workload) again(ctx context.Context) ([]Row, error) {
	dir, err := w.stack.Application(ctx, "backend")
	if err != nil {
		return nil, err
	}
	release := w.mage(dir, "release")
	if err := release.do(ctx); err != nil {
		return nil, err
	}
	samples, err := measure(ctx, repetitions, side{ours, []step{timed("release", release.run)}})
	if err != nil {
		return nil, err
	}
	return []Row{{
		Case: "release of a commit that is released, 3 components", Ours: samples[ours]["release"],
		Target: Bound{Wall: 150 * time.Millisecond},
	}}, nil
}

// unchanged builds eight components of one large context again, nothing having changed.
func (w *workload) unchanged(ctx context.Context) ([]Row, error) {
	a, err := newApplication(ctx, w, shape{components: 8, files: 5000, shared: true})
	if err != nil {
		return nil, err
	}
	build, others := w.mage(a.dir, "build"), buildctls(w, a)
	if _, err := others(ctx); err != nil {
		return nil, err
	}
	if err := build.do(ctx); err != nil {
		return nil, err
	}
	samples, err := measure(ctx, repetitions, side{ours, []step{timed("build", build.run)}},
		side{"buildctl", []step{timed("build", others)}})
	if err != nil {
		return nil, err
	}
	row := Row{
		Case: "build, nothing changed, 8 components, one context of 5,000 files", Target: Bound{Ratio: 0.35},
		Against: "8 parallel buildctl build",
	}
	return []Row{ratio(row, samples[ours]["build"], samples["buildctl"]["build"])}, nil
}

// buildctls builds an application's components at once, a process each, with output like that of astrago-ci.
func buildctls(w *workload, a *application) func(context.Context) (used, error) {
	return func(ctx context.Context) (used, error) {
		started := time.Now()
		errs := make([]error, a.components)
		var group sync.WaitGroup
		for i, name := range a.names() {
			group.Go(func() { errs[i] = buildctlOf(w, a, name).do(ctx) })
		}
		group.Wait()
		return used{wall: time.Since(started)}, errors.Join(errs...)
	}
}

func buildctlOf(w *workload, a *application, component string) command {
	return command{dir: a.dir, environ: w.environ, args: []string{
		w.buildctl, "--addr", w.daemon.Address, "build", "--frontend", "dockerfile.v0", "--progress", "plain",
		"--local", "context=" + filepath.Join(a.dir, a.context(component)), "--local", "dockerfile=" + a.dir,
		"--opt", "filename=" + a.dockerfile(component), "--opt", "build-arg:BASE=" + a.base,
		"--output", "type=oci,tar=false,dest=" + filepath.Join(w.options.Dir, "out", a.name, component) + ",name=" + component,
	}}
}
