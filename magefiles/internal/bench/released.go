package bench

import (
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"time"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/publish/prebuilt"
)

// released measures the first target of an application whose targets are fetched, with an empty cache, from a server of this machine.
func (w *workload) released(ctx context.Context, app string) ([]Row, error) {
	releases := filepath.Join(w.options.Dir, "releases")
	set, err := buildRelease(ctx, filepath.Join(w.options.Dir, "library"), releases)
	if err != nil {
		return nil, err
	}
	if err := write(filepath.Join(app, "ci", prebuilt.SumsPath), set.String()); err != nil {
		return nil, err
	}
	packed, err := os.Stat(set.Path(set.Programs[0]))
	if err != nil {
		return nil, fmt.Errorf("weighing the targets of a release: %w", err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(releases)))
	defer server.Close()
	round, own := 0, ""
	version := func(ctx context.Context) (used, error) {
		c := entryOf(w, app, own)
		c.environ = append(slices.Clone(c.environ), "ASTRAGO_TARGETS_URL="+server.URL)
		return c.run(ctx)
	}
	empty := prepare(func(context.Context) error {
		round++
		own = filepath.Join(w.options.Dir, fmt.Sprintf("released%d", round))
		return os.MkdirAll(own, 0o755)
	})
	drop := prepare(func(context.Context) error { return os.RemoveAll(own) })
	samples, err := measure(ctx, repetitions, side{ours, []step{empty, timed("cold", version), drop}})
	if err != nil {
		return nil, err
	}
	return []Row{{
		Case: "targets of a release fetched, and the first one run", Ours: samples[ours]["cold"], Target: Bound{Wall: 3 * time.Second},
		Counts: []Count{
			{"MB fetched", float64(packed.Size()) / 1e6, 14}, {"MB", float64(set.Programs[0].Size) / 1e6, 40},
		},
	}}, nil
}

// buildRelease builds the targets of sources as a release has them, into a directory that is laid out as releases are.
func buildRelease(ctx context.Context, sources, releases string) (prebuilt.Set, error) {
	set, err := prebuilt.Build(ctx, prebuilt.Options{
		Sources: sources, Dir: filepath.Join(releases, "v"+astragoci.Version()), From: "https://releases.invalid",
		GoVersion: astragoci.GoVersion(), Platforms: []string{"linux-amd64"}, Level: gzip.BestCompression, Say: func(string, ...any) {},
	})
	if err != nil {
		return set, fmt.Errorf("building the targets of a release: %w", err)
	}
	return set, nil
}
