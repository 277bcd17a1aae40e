package buildkit

import (
	"context"
	"errors"
	"testing"

	"github.com/moby/buildkit/client"
)

// A solve that does not answer after its end was asked for is left behind: its messages are read and dropped.
func TestACancelledSolveIsNotWaitedFor(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("cancelled")
	heard := 0
	m := newStatusPump(func(*client.SolveStatus) { heard++ })
	m.in <- &client.SolveStatus{}
	cancel(cause)
	_, err := awaitOutcome(ctx, make(chan solveOutcome))
	if !errors.Is(err, cause) {
		t.Errorf("error %v, want the cause", err)
	}
	m.stop(false)
	before := heard
	m.in <- &client.SolveStatus{}
	close(m.in)
	<-m.done
	if before != 1 || heard != before {
		t.Errorf("%d messages before the end and %d after it", before, heard-before)
	}
}

func TestAnAnswerIsWaitedForWithItsMessages(t *testing.T) {
	heard := 0
	m := newStatusPump(func(*client.SolveStatus) { heard++ })
	solved := make(chan solveOutcome, 1)
	go func() {
		m.in <- &client.SolveStatus{}
		close(m.in)
		solved <- solveOutcome{err: errors.New("failed")}
	}()
	o, err := awaitOutcome(t.Context(), solved)
	m.stop(err == nil)
	if err != nil || o.err == nil || heard != 1 {
		t.Errorf("outcome %v, error %v, %d messages", o.err, err, heard)
	}
}
