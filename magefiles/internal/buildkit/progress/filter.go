package progress

import (
	"slices"
	"strings"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
)

// secretFilter makes what a daemon reports of one solve safe to show and to log: no secret is in it, in whatever pieces a step
// prints it, and nothing that acts on a terminal.
type secretFilter struct {
	secrets *redact.Redactor
	streams map[streamKey]*filteredStream
}

// streamKey names an output stream of a step.
type streamKey struct {
	vertex digest.Digest
	stream int
}

// filteredStream takes escape sequences out before it looks for secrets, which they could cut.
type filteredStream struct {
	escapes escape.Stream
	secrets *redact.Stream
}

func (s *filteredStream) nextText(text string) string { return s.secrets.Next(s.escapes.Next(text)) }

func (s *filteredStream) endText() string { return s.secrets.Next(s.escapes.End()) + s.secrets.End() }

func newSecretFilter(secrets *redact.Redactor) *secretFilter {
	return &secretFilter{secrets: secrets, streams: map[streamKey]*filteredStream{}}
}

// filterStatus filters a message in place, which belongs to its only reader, and returns the messages to show instead of it, in
// their order. What a step has printed last comes before its end.
func (f *secretFilter) filterStatus(status *client.SolveStatus) []*client.SolveStatus {
	for _, v := range status.Vertexes {
		v.Name, v.Error = f.filterLine(v.Name), f.filterLine(v.Error)
	}
	for _, s := range status.Statuses {
		s.ID, s.Name = f.filterLine(s.ID), f.filterLine(s.Name)
	}
	for _, w := range status.Warnings {
		w.Short = []byte(f.secrets.String(string(w.Short)))
		for i := range w.Detail {
			w.Detail[i] = []byte(f.secrets.String(string(w.Detail[i])))
		}
	}
	for _, l := range status.Logs {
		l.Data = []byte(f.streamOf(l.Vertex, l.Stream).nextText(string(l.Data)))
	}
	last := f.flushEnded(status)
	if len(last.Logs) == 0 {
		return []*client.SolveStatus{status}
	}
	return []*client.SolveStatus{last, status}
}

func (f *secretFilter) filterLine(text string) string { return f.secrets.String(escape.Line(text)) }

func (f *secretFilter) streamOf(vertex digest.Digest, stream int) *filteredStream {
	key := streamKey{vertex, stream}
	if f.streams[key] == nil {
		f.streams[key] = &filteredStream{secrets: f.secrets.Stream()}
	}
	return f.streams[key]
}

// flushEnded takes out of a message what the steps that end with it have printed, and adds what their streams hold back.
func (f *secretFilter) flushEnded(status *client.SolveStatus) *client.SolveStatus {
	last := &client.SolveStatus{}
	for _, v := range status.Vertexes {
		if v.Completed == nil {
			continue
		}
		var held []*client.VertexLog
		for _, key := range f.keysOf(v.Digest) {
			if rest := f.streams[key].endText(); rest != "" {
				held = append(held, &client.VertexLog{Vertex: v.Digest, Stream: key.stream, Data: []byte(rest), Timestamp: *v.Completed})
			}
			delete(f.streams, key)
		}
		if len(held) == 0 {
			continue
		}
		started := *v
		started.Completed, started.Error = nil, ""
		last.Vertexes = append(last.Vertexes, &started) // a log needs its step
		status.Logs = slices.DeleteFunc(status.Logs, func(l *client.VertexLog) bool {
			if l.Vertex == v.Digest {
				last.Logs = append(last.Logs, l)
			}
			return l.Vertex == v.Digest
		})
		last.Logs = append(last.Logs, held...)
	}
	return last
}

func (f *secretFilter) keysOf(vertex digest.Digest) []streamKey {
	var keys []streamKey
	for key := range f.streams {
		if key.vertex == vertex {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b streamKey) int { return a.stream - b.stream })
	return keys
}

// flushAll returns what streams hold back whose steps did not end, as of a solve that was cancelled.
func (f *secretFilter) flushAll() *client.SolveStatus {
	last := &client.SolveStatus{}
	for key, stream := range f.streams {
		if text := stream.endText(); text != "" {
			last.Logs = append(last.Logs,
				&client.VertexLog{Vertex: key.vertex, Stream: key.stream, Data: []byte(text), Timestamp: time.Now()})
		}
	}
	slices.SortFunc(last.Logs, func(a, b *client.VertexLog) int { return strings.Compare(string(a.Vertex), string(b.Vertex)) })
	return last
}
