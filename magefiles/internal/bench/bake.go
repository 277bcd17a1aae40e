package bench

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strconv"
)

// bakery is `docker buildx bake --push` on the same daemon.
type bakery struct {
	w      *workload
	buildx string
}

func (w *workload) bakery(ctx context.Context) (*bakery, error) {
	if w.baker != nil {
		return w.baker, nil
	}
	buildx, err := w.options.Tools.Tool(ctx, "buildx", "github.com/docker/buildx/cmd/buildx")
	if err != nil {
		return nil, err
	}
	w.baker = &bakery{w: w, buildx: buildx}
	return w.baker, w.baker.command("", "create", "--name", "bench", "--driver", "remote", w.daemon.Address).do(ctx)
}

// command runs buildx with a configuration of its own. Attestations, which ours does not make unless it is told to, are off.
func (b *bakery) command(dir string, args ...string) command {
	environ := append(slices.Clone(b.w.environ), "BUILDX_CONFIG="+filepath.Join(b.w.options.Dir, "buildx"), "BUILDX_NO_DEFAULT_ATTESTATIONS=1")
	return command{dir: dir, environ: environ, args: append([]string{b.buildx}, args...)}
}

// push writes the bake file for a tag, and gives the command that builds and pushes.
func (b *bakery) push(a *application, tag string) (command, error) {
	type target struct {
		Context    string            `json:"context"`
		Dockerfile string            `json:"dockerfile"`
		Args       map[string]string `json:"args"`
		Tags       []string          `json:"tags"`
	}
	targets := map[string]target{}
	for _, component := range a.names() {
		targets[component] = target{
			Context: a.context(component), Dockerfile: filepath.Join(a.dir, a.dockerfile(component)),
			Args: map[string]string{"BASE": a.base}, Tags: []string{a.image + ":" + component + "-" + tag},
		}
	}
	file := map[string]any{"group": map[string]any{"default": map[string]any{"targets": a.names()}}, "target": targets}
	data, err := json.Marshal(file)
	if err != nil {
		return command{}, err
	}
	path := filepath.Join(b.w.options.Dir, a.name+".bake.json")
	return b.command(a.dir, "bake", "--builder", "bench", "--allow=fs.read=*", "-f", path, "--push"), write(path, string(data))
}

// fresh is a first release: an application that nobody has built, on a daemon without a cache.
type fresh struct {
	w     *workload
	shape shape
	now   *application
}

func (f *fresh) step() step {
	return prepare(func(ctx context.Context) (err error) {
		if f.now, err = f.w.application(ctx, f.shape); err != nil {
			return err
		}
		return f.w.prune(ctx)
	})
}

// bake builds and pushes three components, first and unchanged.
func (w *workload) bake(ctx context.Context) ([]Row, error) {
	b, err := w.bakery(ctx)
	if err != nil {
		return nil, err
	}
	our, other := &fresh{w: w, shape: shape{components: 3, files: 2000}}, &fresh{w: w, shape: shape{components: 3, files: 2000}}
	ourRun := func(ctx context.Context) (used, error) {
		return together(w.mage(our.now.dir, "build"), w.mage(our.now.dir, "push"))(ctx)
	}
	otherRun := func(ctx context.Context) (used, error) {
		push, err := b.push(other.now, "1")
		if err != nil {
			return used{}, err
		}
		return push.run(ctx)
	}
	samples, err := measure(ctx, repetitions,
		side{ours, []step{our.step(), timed("first", ourRun), timed("again", ourRun)}},
		side{"bake", []step{other.step(), timed("first", otherRun), timed("again", otherRun)}})
	if err != nil {
		return nil, err
	}
	against := "docker buildx bake --push"
	return []Row{
		ratio(Row{Case: "3 components of 2,000 files, first build and push", Target: "<= 0.95x", Against: against}, samples[ours]["first"], samples["bake"]["first"]),
		ratio(Row{Case: "same, nothing changed", Target: "<= 0.3x", Against: against}, samples[ours]["again"], samples["bake"]["again"]),
	}, nil
}

// changed builds and pushes after a change of one component of eight, whose context all share.
func (w *workload) changed(ctx context.Context) ([]Row, error) {
	b, err := w.bakery(ctx)
	if err != nil {
		return nil, err
	}
	layout := shape{components: 8, files: 5000, shared: true}
	our, err := w.application(ctx, layout)
	if err != nil {
		return nil, err
	}
	other, err := w.application(ctx, layout)
	if err != nil {
		return nil, err
	}
	tag := 0
	bake := func(ctx context.Context) (used, error) {
		tag++ // as a commit has a tag of its own
		push, err := b.push(other, strconv.Itoa(tag))
		if err != nil {
			return used{}, err
		}
		return push.run(ctx)
	}
	release := w.mage(our.dir, "release")
	if _, err := bake(ctx); err != nil {
		return nil, err
	}
	if err := release.do(ctx); err != nil {
		return nil, err
	}
	samples, err := measure(ctx, repetitions,
		side{ours, []step{prepare(our.change), timed("release", release.run)}},
		side{"bake", []step{prepare(other.change), timed("release", bake)}})
	if err != nil {
		return nil, err
	}
	row := Row{Case: "1 of 8 components changed, one context of 5,000 files", Target: "<= 0.5x", Against: "docker buildx bake --push", Note: "ours with the bump"}
	return []Row{ratio(row, samples[ours]["release"], samples["bake"]["release"])}, nil
}
