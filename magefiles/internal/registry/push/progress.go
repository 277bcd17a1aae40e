package push

import "sync"

// Progress is the progress of a push, in bytes. A blob that several images share counts once per repository. Sent goes back when an upload
// broke off and starts again; at the end Sent and Present together are Total.
type Progress struct {
	Total   int64 // that the registry must have for the missing tags
	Sent    int64 // taken by the connection so far
	Present int64 // that the registry had already
}

// progressMeter adds up what the uploads of one push report.
type progressMeter struct {
	report func(Progress)

	mu    sync.Mutex
	state Progress
	sent  map[*contentItem]int64
	// uploaded holds the bytes sent for each image
	uploaded map[*target]int64
}

func newMeter(report func(Progress)) *progressMeter {
	if report == nil {
		report = func(Progress) {}
	}
	return &progressMeter{report: report, sent: map[*contentItem]int64{}, uploaded: map[*target]int64{}}
}

func (m *progressMeter) addExpected(items []*contentItem) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, i := range items {
		m.state.Total += i.desc.Size
	}
	m.report(m.state)
}

func (m *progressMeter) setSent(i *contentItem, sent int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sent[i] == sent {
		return
	}
	m.state.Sent += sent - m.sent[i]
	m.sent[i] = sent
	m.report(m.state)
}

// settleItem settles an item: failed, sent in whole, or not sent because the registry has it.
func (m *progressMeter) settleItem(i *contentItem, sent bool, err error) {
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

// restart resets the count, as all content is checked once more.
func (m *progressMeter) restart() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state = Progress{Total: m.state.Total}
	clear(m.sent)
	clear(m.uploaded)
}

// progressOf returns what an upload of an item calls with its offset.
func (m *progressMeter) progressOf(i *contentItem) func(offset int64) {
	return func(offset int64) { m.setSent(i, offset) }
}

// uploadedFor returns the bytes that were sent for an image.
func (m *progressMeter) uploadedFor(t *target) int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.uploaded[t]
}
