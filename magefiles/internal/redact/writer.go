package redact

import (
	"io"
	"sync"
)

// Writer masks secrets in a stream, however the writes cut it. It is safe for concurrent use. What may be the start of a
// secret waits for the next write, so Flush it at the end.
type Writer struct {
	mu     sync.Mutex
	w      io.Writer
	stream Stream
}

// Writer returns a writer in front of w, for people: guesses are masked, too.
func (r *Redactor) Writer(w io.Writer) *Writer {
	return &Writer{w: w, stream: Stream{known: r.allPatterns}}
}

// DeclaredWriter returns a writer in front of w that masks the declared secrets only, for documents that programs read.
func (r *Redactor) DeclaredWriter(w io.Writer) *Writer {
	return &Writer{w: w, stream: Stream{known: r.declaredPatterns}}
}

// Write writes all of p that cannot be part of a secret that is still to end. On an error of the writer behind, how much
// of p was written is unknown, and it says none.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.pass(w.stream.Next(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Flush writes what waits. The stream may go on after it, but a secret that was cut there is not recognised.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pass(w.stream.End())
}

func (w *Writer) pass(text string) error {
	if text == "" {
		return nil
	}
	_, err := io.WriteString(w.w, text)
	return err
}
