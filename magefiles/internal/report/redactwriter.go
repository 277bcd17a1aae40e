package report

import (
	"io"
	"strings"
	"sync"
)

// RedactingWriter masks secrets in a stream, however the writes cut it. It is safe for concurrent use. What may be the
// start of a secret waits for the next write, so Flush it at the end.
type RedactingWriter struct {
	mu      sync.Mutex
	w       io.Writer
	state   scanner
	waiting string
}

// Writer gives a redacting writer in front of w.
func (r *Redactor) Writer(w io.Writer) *RedactingWriter {
	return &RedactingWriter{w: w, state: scanner{redactor: r}}
}

// Write writes all of p that cannot be part of a secret that is still to end. On an error of the writer behind, how much
// of p was written is unknown, and it says none.
func (w *RedactingWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.pass(string(p), false); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush writes what waits. The stream may go on after it, but a secret that was cut there is not recognised.
func (w *RedactingWriter) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pass("", true)
}

func (w *RedactingWriter) pass(text string, end bool) error {
	var b strings.Builder
	w.state, w.waiting = w.state.scan(&b, w.waiting+text, end)
	if b.Len() == 0 {
		return nil
	}
	_, err := io.WriteString(w.w, b.String())
	return err
}
