package buildkit

import (
	"context"
	"sync"
	"time"

	"github.com/moby/buildkit/client"
)

// cancelGrace is the time that a cancelled solve has to report its end. BuildKit's client waits up to 5 s for messages that may never come
// (client/solve.go, statusInactivityTimeout), and mage ends the process 5 s after an interrupt.
const cancelGrace = time.Second

// solveOutcome is the answer of a solve.
type solveOutcome struct {
	response *client.SolveResponse
	err      error
}

// awaitOutcome returns the answer, or the cause of the context's end when the answer does not follow it soon.
func awaitOutcome(ctx context.Context, solved <-chan solveOutcome) (solveOutcome, error) {
	select {
	case o := <-solved:
		return o, nil
	case <-ctx.Done():
	}
	grace := time.NewTimer(cancelGrace)
	defer grace.Stop()
	select {
	case o := <-solved:
		return o, nil
	case <-grace.C:
		return solveOutcome{}, context.Cause(ctx)
	}
}

// statusPump passes a solve's messages on until it is ended; a solve that is left behind still finds its channel read.
type statusPump struct {
	in   chan *client.SolveStatus
	done chan struct{}

	mu    sync.Mutex
	ended bool
}

func newStatusPump(observe func(*client.SolveStatus)) *statusPump {
	m := &statusPump{in: make(chan *client.SolveStatus), done: make(chan struct{})}
	go func() {
		defer close(m.done)
		for status := range m.in {
			m.mu.Lock()
			if !m.ended {
				observe(status)
			}
			m.mu.Unlock()
		}
	}()
	return m
}

// stop waits for the last message when the solve has answered, and lets none through afterwards.
func (m *statusPump) stop(answered bool) {
	if answered {
		<-m.done
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended = true
}
