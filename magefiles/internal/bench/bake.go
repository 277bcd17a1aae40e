package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// bakery is `docker buildx bake --push` on the same daemon.
type bakery struct {
	w      *workload
	buildx string
}

func newBakery(ctx context.Context, w *workload) (*bakery, error) {
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

// command runs buildx with a configuration of its own. Attestations are off: astrago-ci makes none by default.
func (b *bakery) command(dir string, args ...string) command {
	environ := append(slices.Clone(b.w.environ), "BUILDX_CONFIG="+filepath.Join(b.w.options.Dir, "buildx"),
		"BUILDX_NO_DEFAULT_ATTESTATIONS=1")
	return command{dir: dir, environ: environ, args: append([]string{b.buildx}, args...)}
}

// The outputs of bake: the default, and images whose times are the commit's, as astrago-ci sets them for reproducible components.
const (
	plain        = "type=registry"
	reproducible = "type=registry,rewrite-timestamp=true"
)

// push writes the bake file for a tag, and gives the command that builds and pushes.
func (b *bakery) push(a *application, tag, output string) (command, error) {
	type target struct {
		Context    string            `json:"context"`
		Dockerfile string            `json:"dockerfile"`
		Args       map[string]string `json:"args"`
		Tags       []string          `json:"tags"`
		Output     []string          `json:"output"`
	}
	targets := map[string]target{}
	for _, component := range a.names() {
		targets[component] = target{
			Context: a.context(component), Dockerfile: filepath.Join(a.dir, a.dockerfile(component)),
			Args: map[string]string{"BASE": a.base}, Tags: []string{a.image + ":" + component + "-" + tag}, Output: []string{output},
		}
	}
	file := map[string]any{"group": map[string]any{"default": map[string]any{"targets": a.names()}}, "target": targets}
	data, err := json.Marshal(file)
	if err != nil {
		return command{}, err
	}
	path := filepath.Join(b.w.options.Dir, a.name+".bake.json")
	c := b.command(a.dir, "bake", "--builder", "bench", "--allow=fs.read=*", "-f", path)
	if output == reproducible {
		c.environ = append(c.environ, "SOURCE_DATE_EPOCH=1700000000")
	}
	return c, write(path, string(data))
}

// fresh is a first release: an application that has never been built, on a daemon without a cache.
type fresh struct {
	w     *workload
	shape shape
	now   *application
}

func (f *fresh) step() step {
	return prepare(func(ctx context.Context) (err error) {
		if f.now != nil {
			if err := os.RemoveAll(f.now.dir); err != nil {
				return fmt.Errorf("removing the workload of before: %w", err)
			}
		}
		if f.now, err = newApplication(ctx, f.w, f.shape); err != nil {
			return err
		}
		return f.w.prune(ctx)
	})
}

// contestant is bake with one of its outputs.
type contestant struct {
	*bakery
	output  string
	against string
	commits int // that were released
}

func (b *bakery) contestants() []*contestant {
	return []*contestant{
		{bakery: b, output: plain, against: "docker buildx bake --push"},
		{bakery: b, output: reproducible, against: "docker buildx bake, rewrite-timestamp=true"},
	}
}

// release builds and pushes the commit that was changed last.
func (c *contestant) release(ctx context.Context, a *application) (used, error) {
	push, err := c.push(a, strconv.Itoa(c.commits), c.output)
	if err != nil {
		return used{}, err
	}
	return push.run(ctx)
}

// bake builds and pushes three components, first and unchanged.
func (w *workload) bake(ctx context.Context) ([]Row, error) {
	b, err := newBakery(ctx, w)
	if err != nil {
		return nil, err
	}
	layout := shape{components: 3, files: 2000}
	our := &fresh{w: w, shape: layout}
	ourRun := func(ctx context.Context) (used, error) {
		return together(w.mage(our.now.dir, "build"), w.mage(our.now.dir, "push"))(ctx)
	}
	sides := []side{{ours, []step{our.step(), timed("first", ourRun), timed("again", ourRun)}}}
	for _, c := range b.contestants() {
		other := &fresh{w: w, shape: layout}
		run := func(ctx context.Context) (used, error) { return c.release(ctx, other.now) }
		sides = append(sides, side{c.output, []step{other.step(), timed("first", run), timed("again", run)}})
	}
	samples, err := measure(ctx, repetitions, sides...)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, c := range b.contestants() {
		rows = append(rows,
			ratio(Row{Case: "3 components of 2,000 files, first build and push", Target: Bound{Ratio: 0.95}, Against: c.against},
				samples[ours]["first"], samples[c.output]["first"]),
			ratio(Row{Case: "same, nothing changed", Target: Bound{Ratio: 0.3}, Against: c.against}, samples[ours]["again"],
				samples[c.output]["again"]))
	}
	return rows, nil
}

// changed builds and pushes after a change of one component of eight, whose context all share.
func (w *workload) changed(ctx context.Context) ([]Row, error) {
	b, err := newBakery(ctx, w)
	if err != nil {
		return nil, err
	}
	layout := shape{components: 8, files: 5000, shared: true}
	our, err := newApplication(ctx, w, layout)
	if err != nil {
		return nil, err
	}
	release := w.mage(our.dir, "release")
	if err := release.do(ctx); err != nil {
		return nil, err
	}
	sides := []side{{ours, []step{prepare(our.change), timed("release", release.run)}}}
	for _, c := range b.contestants() {
		other, err := newApplication(ctx, w, layout)
		if err != nil {
			return nil, err
		}
		if _, err := c.release(ctx, other); err != nil {
			return nil, err
		}
		run := func(ctx context.Context) (used, error) { return c.release(ctx, other) }
		change := prepare(func(ctx context.Context) error {
			c.commits++
			return other.change(ctx)
		})
		sides = append(sides, side{c.output, []step{change, timed("release", run)}})
	}
	samples, err := measure(ctx, repetitions, sides...)
	if err != nil {
		return nil, err
	}
	return changedRows(b, samples), nil
}

// changedRows compares astrago-ci's release after a change with that of each contestant.
func changedRows(b *bakery, samples map[string]map[string]Sample) (rows []Row) {
	for _, c := range b.contestants() {
		row := Row{
			Case: "1 of 8 components changed, one context of 5,000 files", Target: Bound{Ratio: 0.5}, Against: c.against,
			Note: "ours with the bump",
		}
		rows = append(rows, ratio(row, samples[ours]["release"], samples[c.output]["release"]))
	}
	return rows
}
