package bench

import (
	"context"
	"path/filepath"
)

// The monorepo: 100,000 files in the contexts of 40 components.
const (
	monorepoComponents = 40
	monorepoFiles      = 100_000
)

// monorepo releases a change of one component of many, and plans it.
func (w *workload) monorepo(ctx context.Context) ([]Row, error) {
	b, err := newBakery(ctx, w)
	if err != nil {
		return nil, err
	}
	layout := shape{components: monorepoComponents, files: monorepoFiles / monorepoComponents}
	our, err := newApplication(ctx, w, layout)
	if err != nil {
		return nil, err
	}
	other, err := newApplication(ctx, w, layout)
	if err != nil {
		return nil, err
	}
	c := &contestant{bakery: b, output: plain, against: "docker buildx bake --push"}
	release, plan := w.mage(our.dir, "release"), w.mage(our.dir, "plan")
	if err := release.do(ctx); err != nil {
		return nil, err
	}
	if _, err := c.release(ctx, other); err != nil {
		return nil, err
	}
	bake := func(ctx context.Context) (used, error) { return c.release(ctx, other) }
	status := command{dir: our.dir, environ: w.environ, args: []string{"git", "-C", filepath.Clean(our.dir), "status", "--porcelain"}}
	samples, err := measure(ctx, repetitions,
		side{ours, []step{prepare(our.change), timed("plan", plan.run), timed("release", release.run)}},
		side{"git", []step{timed("status", status.run)}},
		side{c.output, []step{prepare(other.change), c.nextTag(), timed("release", bake)}})
	if err != nil {
		return nil, err
	}
	return []Row{
		ratio(Row{
			Case: "1 of 40 components changed, 100,000 files", Target: Bound{Ratio: 0.5}, Against: c.against,
			Note: "ours with the bump",
		},
			samples[ours]["release"], samples[c.output]["release"]),
		ratio(Row{Case: "plan of it", Target: Bound{Ratio: 2}, Against: "git status"}, samples[ours]["plan"], samples["git"]["status"]),
	}, nil
}
