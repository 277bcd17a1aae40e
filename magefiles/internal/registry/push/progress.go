package push

import "sync"

// Progress is how far a push is, in bytes. A blob that several images share counts once per repository. Sent goes back
// when an upload broke off and starts again; at the end Sent and Present together are Total.
type Progress struct {
	Total   int64 // that the registry must have for the missing tags
	Sent    int64 // taken by the connection so far
	Present int64 // that the registry had already
}

// meter adds up what the uploads of one push report.
type meter struct {
	report func(Progress)

	mu    sync.Mutex
	state Progress
	sent  map[*item]int64
	// uploaded is what was sent for each image
	uploaded map[*target]int64
}

func newMeter(report func(Progress)) *meter {
	if report == nil {
		report = func(Progress) {}
	}
	return &meter{report: report, sent: map[*item]int64{}, uploaded: map[*target]int64{}}
}

func (m *meter) expect(items []*item) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, i := range items {
		m.state.Total += i.desc.Size
	}
	m.report(m.state)
}

func (m *meter) set(i *item, sent int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sent[i] == sent {
		return
	}
	m.state.Sent += sent - m.sent[i]
	m.sent[i] = sent
	m.report(m.state)
}

// finish settles an item: failed, sent in whole, or not sent because the registry has it.
func (m *meter) finish(i *item, sent bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state.Sent -= m.sent[i]
	switch {
	case err != nil:
	case sent || i.sent:
		m.state.Sent += i.desc.Size
		m.uploaded[i.owner] += i.desc.Size
		i.sent = true
	default:
		m.state.Present += i.desc.Size
	}
	delete(m.sent, i)
	m.report(m.state)
}

// again starts the count anew, for content that is all looked at once more.
func (m *meter) again() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state = Progress{Total: m.state.Total}
	clear(m.sent)
	clear(m.uploaded)
}

// watch returns what an upload of an item calls with its offset.
func (m *meter) watch(i *item) func(offset int64) {
	return func(offset int64) { m.set(i, offset) }
}

// uploadedFor returns the bytes that were sent for an image.
func (m *meter) uploadedFor(t *target) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.uploaded[t]
}
