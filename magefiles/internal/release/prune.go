package release

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// pruneSchema names the form of what `mage prune -json` prints.
const pruneSchema = "astrago-ci/prune/v1"

// Prune removes what BuildKit daemons keep for later builds, and, in an application repository, all but the last build in
// .astrago/; with All also that.
func Prune(ctx context.Context, p Process, o Options) error {
	ctx, s := newSession(ctx, report.CommandPrune, p, o)
	freed, err := s.prune(ctx)
	return s.close(ctx, errors.Join(err, s.writeFreed(freed)))
}

func (s *session) prune(ctx context.Context) ([]build.Freed, error) {
	ctx, stage := s.stage(ctx, "prune")
	freed, err := s.pruneDaemons(ctx, stage)
	images, outputErr := s.pruneOutput(ctx)
	if err = errors.Join(err, outputErr); err != nil {
		stage.Fail(err)
		return append(freed, images...), err
	}
	freed = append(freed, images...)
	for _, f := range freed {
		fmt.Fprintf(stage.Writer(), "%s freed: %s\n", report.Size(f.Bytes), f.Where)
	}
	var total int64
	for _, f := range freed {
		total += f.Bytes
	}
	stage.Done(report.Size(total) + " freed")
	return freed, nil
}

// pruneDaemons makes no daemon that is not there: one without a cache has nothing to remove.
func (s *session) pruneDaemons(ctx context.Context, stage *report.Stage) (freed []build.Freed, err error) {
	o, err := s.connectOptions(stage)
	if err != nil {
		return nil, err
	}
	o.Existing = true
	all, err := build.ConnectAll(ctx, o)
	if errors.Is(err, build.ErrNoDaemon) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		f, pruneErr := c.Prune(ctx, s.options.All)
		freed, err = append(freed, f), errors.Join(err, pruneErr)
	}
	return freed, errors.Join(err, build.CloseAll(all))
}

// pruneOutput leaves the last build, which `mage push` may still want.
func (s *session) pruneOutput(ctx context.Context) ([]build.Freed, error) {
	root, err := source.Root(cmp.Or(s.process.Dir, "."), config.FileName)
	if err != nil {
		return nil, nil //nolint:nilerr // outside of an application repository there is none
	}
	dir := filepath.Join(root, output.Name, output.Images)
	if _, err := os.Stat(dir); err != nil {
		return nil, nil //nolint:nilerr // nothing was built yet
	}
	layout, err := build.OpenLayout(dir)
	if err != nil {
		return nil, err
	}
	kept := 1
	if s.options.All {
		kept = 0
	}
	bytes, err := layout.PruneTo(ctx, kept)
	return []build.Freed{{Where: dir, Bytes: bytes}}, err
}

// writeFreed prints for machines: bytes and place, a line each, or JSON.
func (s *session) writeFreed(freed []build.Freed) error {
	if s.options.JSON {
		type entry struct {
			Where   string `json:"where"`
			Records int    `json:"records"`
			Bytes   int64  `json:"bytes"`
		}
		entries := make([]entry, len(freed))
		for i, f := range freed {
			entries[i] = entry(f)
		}
		document := struct {
			Schema string  `json:"schema"`
			Freed  []entry `json:"freed"`
		}{pruneSchema, entries}
		return s.printDocument(func(w io.Writer) error { return json.NewEncoder(w).Encode(document) })
	}
	return s.print(func(w io.Writer) error {
		for _, f := range freed {
			fmt.Fprintf(w, "%d\t%s\n", f.Bytes, f.Where)
		}
		return nil
	})
}
