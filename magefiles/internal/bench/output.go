package bench

import (
	"context"
)

// output compares the two ways of an image into the registry: by way of .astrago/images, and from the daemon.
func (w *workload) output(ctx context.Context) ([]Row, error) {
	var sides []side
	for _, output := range []string{"store", "registry"} {
		f := &fresh{w: w, shape: shape{components: 3, files: 2000, output: output}}
		release := func(ctx context.Context) (used, error) { return w.mage(f.now.dir, "release").run(ctx) }
		change := prepare(func(ctx context.Context) error { return f.now.change(ctx) })
		sides = append(sides, side{output, []step{f.step(), timed("first", release), change, timed("changed", release)}})
	}
	samples, err := measure(ctx, repetitions, sides...)
	if err != nil {
		return nil, err
	}
	return []Row{
		ratio(Row{Case: "release of 3 components, output: registry, first", Against: "output: store"}, samples["registry"]["first"],
			samples["store"]["first"]),
		ratio(Row{Case: "same, 1 component changed", Against: "output: store"}, samples["registry"]["changed"],
			samples["store"]["changed"]),
	}, nil
}
