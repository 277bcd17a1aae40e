package bench

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
)

// cases measures one after another.
func (w *workload) cases(ctx context.Context) ([]Row, error) {
	var rows []Row
	for _, c := range []struct {
		row         Row
		ours, other func(context.Context) error
	}{
		{
			Row{Case: "scripts/mage -l, compiled before", Target: "< 100 ms"},
			w.entry, nil,
		},
		{
			Row{Case: "release of a commit that is released, 3 components", Target: "< 150 ms"},
			w.mage(w.small, "release"), nil,
		},
		{
			Row{Case: fmt.Sprintf("build, nothing changed, %d components of %d files", components, files), Target: "<= 0.5x", Against: "buildctl build, one after another"},
			w.mage(w.large, "build"), w.buildctl,
		},
	} {
		ours, other, err := measure(ctx, c.ours, c.other)
		if err != nil {
			return nil, err
		}
		c.row.Ours = ours
		if c.other != nil {
			c.row.Other, c.row.Ratio = &other, ours.Median/other.Median
		}
		rows = append(rows, c.row)
	}
	return rows, nil
}

// entry is the whole way of a warm start: the shell script, its look at the content, and the binary.
func (w *workload) entry(ctx context.Context) error {
	return run(exec.CommandContext(ctx, w.options.Entry, "-l"), filepath.Dir(w.options.Entry), w.options.Environ)
}
