package build

import (
	"context"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"
)

// watch takes the messages of one solve to the board and the log, and remembers which steps it saw.
type watch struct {
	ctx     context.Context // of the solve, for the log
	builder *builder
	job     *job
	log     *stepLog
	filter  *filter
	seen    []digest.Digest
}

func (w *watch) observe(status *client.SolveStatus) {
	for _, v := range status.Vertexes {
		w.seen = append(w.seen, v.Digest)
	}
	for _, each := range w.filter.pass(status) {
		w.show(each)
	}
	logVertexes(w.ctx, w.job.Component, status)
}

// close shows what is held back of steps that have not ended.
func (w *watch) close() {
	if last := w.filter.rest(); len(last.Logs) > 0 {
		w.show(last)
	}
}

func (w *watch) show(status *client.SolveStatus) {
	w.builder.board.update(w.job.track, status)
	w.log.write(status)
}
