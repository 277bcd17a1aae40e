package build

import (
	"context"
	"log/slog"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
)

// watch takes the messages of one solve to the board and the log, and remembers which steps it saw.
type watch struct {
	ctx    context.Context // of the solve, for the log
	board  *board
	track  *track
	log    *stepLog
	filter *filter
	seen   []digest.Digest
}

func newWatch(ctx context.Context, b *board, t *track, log *stepLog, secrets *redact.Redactor) *watch {
	return &watch{ctx: ctx, board: b, track: t, log: log, filter: newFilter(secrets)}
}

func (w *watch) observe(status *client.SolveStatus) {
	for _, v := range status.Vertexes {
		w.seen = append(w.seen, v.Digest)
	}
	for _, each := range w.filter.pass(status) {
		w.show(each)
	}
	logVertexes(w.ctx, w.track.name, status)
}

// close shows what is held back of steps that have not ended.
func (w *watch) close() {
	if last := w.filter.rest(); len(last.Logs) > 0 {
		w.show(last)
	}
}

func (w *watch) show(status *client.SolveStatus) {
	w.board.update(w.track, status)
	w.log.write(status)
}

// logVertexes logs each step that has ended; what a step prints is in the component's own log.
func logVertexes(ctx context.Context, component string, status *client.SolveStatus) {
	for _, v := range status.Vertexes {
		if v.Completed == nil || v.Started == nil {
			continue
		}
		telemetry.Debug(ctx, "step", slog.String("component", component), slog.String("name", v.Name), slog.String("digest", v.Digest.String()),
			slog.Bool("cached", v.Cached), telemetry.Seconds(v.Completed.Sub(*v.Started)), slog.String("error", v.Error))
	}
}
