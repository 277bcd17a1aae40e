package progress

import (
	"fmt"
	"io"
	"testing"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"
)

// hundreds is a build of 500 components, 8 of which run, with 20 steps each.
func hundreds(b *testing.B, mode Mode) *play {
	b.Helper()
	var names []string
	for i := range 500 {
		names = append(names, fmt.Sprintf("component-%d", i))
	}
	p := newPlay(b, Display{W: io.Discard, Mode: mode, Size: func() (int, int) { return 120, 40 }}, names...)
	for i, t := range p.board.Tracks {
		p.board.Start(t)
		for n := range 20 {
			p.vertex(fmt.Sprintf("[%d/20] RUN step %d of %d", n, n, i), "done", i)
		}
		if i < 492 {
			p.board.Finish(t, &Result{Steps: 20}, nil)
		} else {
			p.vertex(fmt.Sprintf("[20/20] RUN last of %d", i), "running", i)
		}
	}
	return p
}

// What a message costs that one of 500 components gets: a line of output.
func BenchmarkUpdate(b *testing.B) {
	for _, mode := range []Mode{Plain, TTY, GitHub, RawJSON} {
		b.Run(string(mode), func(b *testing.B) {
			p := hundreds(b, mode)
			step := digest.FromString("[20/20] RUN last of 499")
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				line := fmt.Appendf(nil, "compiling file %d\n", i)
				p.send(client.SolveStatus{Logs: []*client.VertexLog{{Vertex: step, Stream: 1, Data: line, Timestamp: p.at}}}, 499)
			}
		})
	}
}

// What the display costs ten times a second.
func BenchmarkTick(b *testing.B) {
	for _, mode := range []Mode{Plain, TTY} {
		b.Run(string(mode), func(b *testing.B) {
			p := hundreds(b, mode)
			b.ReportAllocs()
			for b.Loop() {
				p.board.tick()
			}
		})
	}
}
