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
	seen    []digest.Digest
}

func (w *watch) observe(status *client.SolveStatus) {
	for _, v := range status.Vertexes {
		w.seen = append(w.seen, v.Digest)
	}
	w.builder.redact.status(status)
	logVertexes(w.ctx, w.job.Component, status)
	w.builder.board.update(w.job.track, status)
	w.log.write(status)
}
