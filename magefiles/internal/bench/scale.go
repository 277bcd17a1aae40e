package bench

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// scale releases applications of ever more components again, when there is nothing to do.
func (w *workload) scale(ctx context.Context) ([]Row, error) {
	var rows []Row
	for _, components := range []int{1, 8, 64, 500} {
		a, err := newApplication(ctx, w, shape{components: components, small: true})
		if err != nil {
			return nil, err
		}
		release := w.mage(a.dir, "release")
		if err := release.do(ctx); err != nil {
			return nil, err
		}
		before := w.stack.Registry.Count(http.MethodHead, registry.Manifest)
		samples, err := measure(ctx, repetitions, side{ours, []step{timed("release", release.run)}})
		if err != nil {
			return nil, err
		}
		heads := (w.stack.Registry.Count(http.MethodHead, registry.Manifest) - before) / repetitions
		row := Row{
			Case: fmt.Sprintf("release, nothing to do, %d components", components), Ours: samples[ours]["release"],
			Note: fmt.Sprintf("%d HEADs", heads),
		}
		if components == 500 {
			row.Target = Bound{Wall: 2 * time.Second, Memory: 200}
		}
		rows = append(rows, row)
	}
	return rows, nil
}
