package progress

import (
	"context"
	"log/slog"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
	"github.com/xiilab/astrago-ci/magefiles/internal/telemetry"
)

// Observer takes the messages of one solve to the model and the log, and remembers which steps it saw.
type Observer struct {
	ctx    context.Context // of the solve, for the log
	board  *Model
	track  *Component
	log    *StepLog
	filter *secretFilter
	Seen   []digest.Digest
}

// NewObserver makes what takes the messages of a component's solve. ctx is that of the solve.
func NewObserver(ctx context.Context, b *Model, t *Component, log *StepLog, secrets *redact.Redactor) *Observer {
	return &Observer{ctx: ctx, board: b, track: t, log: log, filter: newSecretFilter(secrets)}
}

// Observe takes a message, which belongs to it from then on.
func (w *Observer) Observe(status *client.SolveStatus) {
	for _, v := range status.Vertexes {
		w.Seen = append(w.Seen, v.Digest)
	}
	for _, each := range w.filter.filterStatus(status) {
		w.showStatus(each)
	}
	logVertexes(w.ctx, w.track.name, status)
}

// Close shows what is held back of steps that have not ended.
func (w *Observer) Close() {
	if last := w.filter.flushAll(); len(last.Logs) > 0 {
		w.showStatus(last)
	}
}

func (w *Observer) showStatus(status *client.SolveStatus) {
	w.board.Update(w.track, status)
	w.log.writeStatus(status)
}

// logVertexes logs each step that has ended; what a step prints is in the component's own log.
func logVertexes(ctx context.Context, name component.Name, status *client.SolveStatus) {
	for _, v := range status.Vertexes {
		if v.Completed == nil || v.Started == nil {
			continue
		}
		telemetry.Debug(ctx, "step", slog.String("component", string(name)), slog.String("name", v.Name),
			slog.String("digest", v.Digest.String()),
			slog.Bool("cached", v.Cached), telemetry.Seconds(v.Completed.Sub(*v.Started)), slog.String("error", v.Error))
	}
}
