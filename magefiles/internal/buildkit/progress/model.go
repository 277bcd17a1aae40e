package progress

import (
	"encoding/binary"
	"hash/maphash"
	"strings"
	"sync"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
)

const (
	tickInterval      = 100 * time.Millisecond
	heartbeatInterval = 30 * time.Second
)

// Model is the state of all components that are being built, from the status streams of their solves. A step that several components share
// is reported in the stream of each of them; the model counts it for each and shows it once.
type Model struct {
	mu       sync.Mutex
	view     view
	now      func() time.Time
	Tracks   []*Component
	width    int // columns of the longest name
	started  time.Time
	steps    map[digest.Digest]*step
	seen     map[uint64]struct{} // pieces of output that have arrived
	seed     maphash.Seed
	found    Warnings
	numbered int // steps that have a number: in the order in which they start
	stop     chan struct{}
	stopped  sync.WaitGroup
}

// New returns a model of components, which draws until it is closed.
func New(d Display, components []component.Name) (*Model, error) {
	b, err := newModel(d, components, time.Now)
	if err != nil {
		return nil, err
	}
	b.stopped.Go(b.redrawUntilStopped)
	return b, nil
}

// newModel returns a Model that does not tick by itself.
func newModel(d Display, components []component.Name, now func() time.Time) (*Model, error) {
	v, err := d.newView()
	if err != nil {
		return nil, err
	}
	b := &Model{
		view: v, now: now, started: now(), steps: map[digest.Digest]*step{},
		seen: map[uint64]struct{}{}, seed: maphash.MakeSeed(), stop: make(chan struct{}),
	}
	for _, name := range components {
		b.width = max(b.width, terminal.Columns(string(name)))
	}
	for _, name := range components {
		label := terminal.Pad(string(name), b.width)
		b.Tracks = append(b.Tracks, &Component{name: name, label: label, states: map[digest.Digest]stepState{}})
	}
	return b, nil
}

func (b *Model) redrawUntilStopped() {
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

func (b *Model) tick() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.view.onTick(b)
	b.showHeartbeats(b.now())
}

// Close ends the display; what it shows last is final.
func (b *Model) Close() {
	close(b.stop)
	b.stopped.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range b.Tracks {
		if t.ended.IsZero() { // it was not begun any more
			t.ended = b.now()
		}
	}
	b.view.onClose(b)
}

// Start marks a component as being built, from its first part on.
func (b *Model) Start(t *Component) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.started.IsZero() {
		t.started = b.now()
	}
}

// Restart forgets steps of a component that are run again by another daemon.
func (b *Model) Restart(t *Component, steps []digest.Digest) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, step := range steps {
		t.forgetStep(step)
	}
	t.running = nil
}

// Notify shows a line that comes from no daemon.
func (b *Model) Notify(t *Component, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.view.onNotice(t, text)
}

// Update takes a message of a component's stream.
func (b *Model) Update(t *Component, s *client.SolveStatus) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.view.onStatus(t, s)
	for _, v := range s.Vertexes {
		b.updateVertex(t, v)
	}
	for _, l := range s.Logs {
		b.appendLog(l)
	}
	for _, vs := range s.Statuses {
		if st := b.steps[vs.Vertex]; st != nil {
			st.transfers[vs.ID] = vs
		}
	}
	for _, w := range s.Warnings {
		if b.found.Add(newWarning(w), t.name) {
			t.Warnings++
		}
	}
}

// Finish marks a component as ended, with its result or the error.
func (b *Model) Finish(t *Component, result *Result, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t.ended, t.result, t.err, t.running = b.now(), result, err, nil
	b.view.onFinish(t)
}

func (b *Model) updateVertex(t *Component, v *client.Vertex) {
	st := b.steps[v.Digest]
	if st == nil {
		st = &step{name: v.Name, owner: t, parts: map[int]*strings.Builder{}, transfers: map[string]*client.VertexStatus{}}
		b.steps[v.Digest] = st
	}
	if st.id == 0 && v.Started != nil && !isInternal(v.Name) {
		b.numbered++
		st.id = b.numbered
	}
	t.observeStep(st, v)
	for _, text := range st.observeVertex(v) {
		b.view.onLine(st.owner, text)
	}
}

func (b *Model) appendLog(l *client.VertexLog) {
	st := b.steps[l.Vertex]
	if st == nil || !b.isNewOutput(l) {
		return
	}
	for _, text := range st.appendOutput(l) {
		b.view.onLine(st.owner, text)
	}
}

// isNewOutput reports whether this piece of output has not arrived yet in another component's stream.
func (b *Model) isNewOutput(l *client.VertexLog) bool {
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

// Warnings returns the warnings so far, by place.
func (b *Model) Warnings() Warnings {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.found.Sorted()
}

// showHeartbeats says that a long step is alive, where its output is being held back or there is none.
func (b *Model) showHeartbeats(now time.Time) {
	for _, t := range b.Tracks {
		for _, st := range t.running {
			if text := st.heartbeatText(now); text != "" && st.owner == t {
				b.view.onHeartbeat(t, text)
			}
		}
	}
}

// StepOutput returns the last lines of a failed step's output, which no line has shown. Every component that shares the step gets them.
func (b *Model) StepOutput(vertex digest.Digest) (name string, lines []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	st := b.steps[vertex]
	if st == nil {
		return "", nil
	}
	for _, line := range st.heldOutput() {
		lines = append(lines, line.text)
	}
	return st.name, lines
}
