package bench

import (
	"context"
	"fmt"
)

// layers releases three components, each of which has dependencies of 100 MB, then of 300 MB: first, after a changed line, and
// when nothing has changed.
func (w *workload) layers(ctx context.Context) ([]Row, error) {
	var rows []Row
	for _, size := range []struct {
		megabytes int
		first     float64
	}{{100, 0.95}, {300, 1}} {
		more, err := layersOf(ctx, w, size.megabytes, Bound{Ratio: size.first})
		if rows = append(rows, more...); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

func layersOf(ctx context.Context, w *workload, megabytes int, first Bound) ([]Row, error) {
	b, err := newBakery(ctx, w)
	if err != nil {
		return nil, err
	}
	s := shape{components: 3, files: 20, packages: megabytes << 20}
	our, two := &fresh{w: w, shape: s}, &fresh{w: w, shape: s}
	release := func(ctx context.Context) (used, error) { return w.mage(our.now.dir, "release").run(ctx) }
	buildPush := func(ctx context.Context) (used, error) {
		return together(w.mage(two.now.dir, "build"), w.mage(two.now.dir, "push"))(ctx)
	}
	other := &fresh{w: w, shape: s}
	c := &contestant{bakery: b, output: plain, against: "docker buildx bake --push"}
	bake := func(ctx context.Context) (used, error) { return c.release(ctx, other.now) }
	samples, err := measure(ctx, repetitions,
		side{ours, []step{our.step(), timed("first", release), our.change(), timed("changed", release), timed("unchanged", release)}},
		side{"two", []step{two.step(), unmeasured(buildPush), two.change(), timed("changed", buildPush)}},
		side{c.output, []step{
			other.step(), timed("first", bake), other.change(), c.nextTag(), timed("changed", bake),
			timed("unchanged", bake),
		}})
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("3 components with %d MB of dependencies each, ", megabytes)
	row := func(text string, bound Bound) Row {
		return Row{Case: name + text, Target: bound, Against: c.against, Note: "release with its bump"}
	}
	rows := []Row{
		ratio(row("first", first), samples[ours]["first"], samples[c.output]["first"]),
		ratio(row("one line changed", Bound{Ratio: 0.9}), samples[ours]["changed"], samples[c.output]["changed"]),
		ratio(row("unchanged", Bound{Ratio: 0.1}), samples[ours]["unchanged"], samples[c.output]["unchanged"]),
		ratio(row("one line changed, build and push", Bound{Ratio: 1.2}), samples["two"]["changed"], samples[c.output]["changed"]),
	}
	rows[3].Note = ""
	return rows, nil
}

// change is a commit that changes one line of one component.
func (f *fresh) change() step {
	return prepare(func(ctx context.Context) error { return f.now.change(ctx) })
}

// nextTag lets bake tag what it builds next as another commit.
func (c *contestant) nextTag() step {
	return prepare(func(context.Context) error { c.commits++; return nil })
}

// unmeasured is a step whose time does not count.
func unmeasured(run func(context.Context) (used, error)) step { return step{run: run} }
