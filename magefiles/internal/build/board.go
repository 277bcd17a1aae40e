package build

import (
	"encoding/binary"
	"hash/maphash"
	"strings"
	"sync"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

const (
	tickInterval      = 100 * time.Millisecond
	heartbeatInterval = 30 * time.Second
)

// board is what is known about all components that are being built, from the status streams of their solves. A step that
// several components share is reported in the stream of each of them; the board counts it for each and shows it once.
type board struct {
	mu       sync.Mutex
	view     view
	now      func() time.Time
	tracks   []*track
	width    int // columns of the longest name
	started  time.Time
	steps    map[digest.Digest]*step
	seen     map[uint64]struct{} // pieces of output that have arrived
	seed     maphash.Seed
	warnings warnings
	numbered int // steps that have a number: in the order in which they start
	stop     chan struct{}
	stopped  sync.WaitGroup
}

func newBoard(d Display, components []string) (*board, error) {
	b, err := stillBoard(d, components, time.Now)
	if err != nil {
		return nil, err
	}
	b.stopped.Go(b.run)
	return b, nil
}

// stillBoard is a board that does not tick by itself.
func stillBoard(d Display, components []string, now func() time.Time) (*board, error) {
	v, err := d.view()
	if err != nil {
		return nil, err
	}
	b := &board{
		view: v, now: now, started: now(), steps: map[digest.Digest]*step{},
		seen: map[uint64]struct{}{}, seed: maphash.MakeSeed(), stop: make(chan struct{}),
	}
	for _, name := range components {
		b.width = max(b.width, terminal.Columns(name))
	}
	for _, name := range components {
		b.tracks = append(b.tracks, &track{name: name, label: terminal.Pad(name, b.width), states: map[digest.Digest]stepState{}})
	}
	return b, nil
}

func (b *board) run() {
	ticker := time.NewTicker(tickInterval)
	defer ticker.Stop()
	for {
		select {
		case <-b.stop:
			return
		case <-ticker.C:
			b.tick()
		}
	}
}

func (b *board) tick() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.view.tick(b)
	b.heartbeat(b.now())
}

// Close ends the display; what it shows last is final.
func (b *board) Close() {
	close(b.stop)
	b.stopped.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.tracks {
		if t.ended.IsZero() { // it was not begun any more
			t.ended = b.now()
		}
	}
	b.view.close(b)
}

// begin marks a component as being built, from its first part on.
func (b *board) begin(t *track) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.started.IsZero() {
		t.started = b.now()
	}
}

// restart forgets steps of a component that are run again by another daemon.
func (b *board) restart(t *track, steps []digest.Digest) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, step := range steps {
		t.forget(step)
	}
	t.running = nil
}

// notice shows a line that comes from no daemon.
func (b *board) notice(t *track, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.view.notice(t, text)
}

// update takes a message of a component's stream.
func (b *board) update(t *track, s *client.SolveStatus) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.view.status(t, s)
	for _, v := range s.Vertexes {
		b.vertex(t, v)
	}
	for _, l := range s.Logs {
		b.log(l)
	}
	for _, vs := range s.Statuses {
		if st := b.steps[vs.Vertex]; st != nil {
			st.transfers[vs.ID] = vs
		}
	}
	for _, w := range s.Warnings {
		if b.warnings.add(newWarning(w), t.name) {
			t.warnings++
		}
	}
}

// finish marks a component as ended, with its result or the error.
func (b *board) finish(t *track, result *Result, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t.ended, t.result, t.err, t.running = b.now(), result, err, nil
	b.view.finish(t)
}

func (b *board) vertex(t *track, v *client.Vertex) {
	st := b.steps[v.Digest]
	if st == nil {
		st = &step{name: v.Name, owner: t, parts: map[int]*strings.Builder{}, transfers: map[string]*client.VertexStatus{}}
		b.steps[v.Digest] = st
	}
	if st.id == 0 && v.Started != nil && !isInternal(v.Name) {
		b.numbered++
		st.id = b.numbered
	}
	t.observe(st, v)
	for _, text := range st.observe(v) {
		b.view.line(st.owner, text)
	}
}

func (b *board) log(l *client.VertexLog) {
	st := b.steps[l.Vertex]
	if st == nil || !b.first(l) {
		return
	}
	for _, text := range st.output(l) {
		b.view.line(st.owner, text)
	}
}

// first reports whether this piece of output has not arrived yet in another component's stream.
func (b *board) first(l *client.VertexLog) bool {
	var h maphash.Hash
	h.SetSeed(b.seed)
	_, _ = h.WriteString(l.Vertex.String())
	_, _ = h.Write(binary.LittleEndian.AppendUint64(nil, uint64(l.Timestamp.UnixNano())))
	_, _ = h.Write(l.Data)
	key := h.Sum64()
	if _, ok := b.seen[key]; ok {
		return false
	}
	b.seen[key] = struct{}{}
	return true
}

// warned returns the warnings so far, by place.
func (b *board) warned() warnings {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.warnings.sorted()
}

// heartbeat says that a long step is alive, where its output is being held back or there is none.
func (b *board) heartbeat(now time.Time) {
	for _, t := range b.tracks {
		for _, st := range t.running {
			if text := st.heartbeat(now); text != "" && st.owner == t {
				b.view.beat(t, text)
			}
		}
	}
}

// tail returns the last lines of a failed step's output, which no line has shown. Every component that shares the step gets them.
func (b *board) tail(vertex digest.Digest) (name string, lines []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	st := b.steps[vertex]
	if st == nil {
		return "", nil
	}
	for _, line := range st.unshown() {
		lines = append(lines, line.text)
	}
	return st.name, lines
}
