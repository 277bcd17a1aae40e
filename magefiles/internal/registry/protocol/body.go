package protocol

import (
	"context"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"

	"github.com/containerd/containerd/v2/core/content"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// blobSource is a blob that the requests of one attempt to upload it read for themselves. containerd's pusher hands a request a pipe that
// must be filled, 32 KB at a time between two goroutines; a file can go to the connection as it is.
//
// A transport may read a body after it has returned the answer: HTTP/2 writes it in another goroutine. What that reads once the attempt
// has ended is of no consequence.
type blobSource struct {
	provider content.Provider
	desc     ocispec.Descriptor
	moved    func(offset int64) // called with how much the connection took so far

	mu    sync.Mutex
	ended bool
	err   error // why it could not be opened or read
}

type blobSourceKey struct{}

func withBlobSource(ctx context.Context, s *blobSource) context.Context {
	return context.WithValue(ctx, blobSourceKey{}, s)
}

// withBlobBody sets the source of its context as the body of a blob's PUT, and closes the one that it has.
func withBlobBody(r *http.Request) (*http.Request, error) {
	s, ok := r.Context().Value(blobSourceKey{}).(*blobSource)
	if !ok || r.Method != http.MethodPut || r.Body == nil {
		return r, nil
	}
	_ = r.Body.Close() // the reading end of a pipe, whose other end then fails
	ctx := r.Context()
	filled := r.WithContext(ctx)
	filled.GetBody = func() (io.ReadCloser, error) { return s.openBody(ctx) }
	body, err := s.openBody(ctx)
	filled.Body = body
	return filled, err
}

func (s *blobSource) openBody(ctx context.Context) (io.ReadCloser, error) {
	reader, err := s.provider.ReaderAt(ctx, s.desc)
	if err != nil {
		s.fail(err)
		return nil, err
	}
	b := &blobBody{reader: reader, size: s.desc.Size, moved: s.reportOffset, failed: s.fail}
	if whole, ok := reader.(interface{ Reader() io.Reader }); ok {
		if limited, ok := whole.Reader().(*io.LimitedReader); ok {
			b.file, _ = limited.R.(*os.File)
		}
	}
	return b, nil
}

// fail records why the content is not available, which the request's outcome does not show.
func (s *blobSource) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.err = err
	}
}

func (s *blobSource) reportOffset(offset int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.moved(offset)
	}
}

// end ends the attempt, and returns why its content was not available.
func (s *blobSource) end() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	return s.err
}

// blobBody is a blob under way, for one request. It is read by one goroutine, and may be closed by another.
type blobBody struct {
	file   *os.File // the same content, nil where it is none
	size   int64
	offset int64
	moved  func(int64)
	failed func(error)

	closed atomic.Bool // what a Read under way returns from then on says nothing of the content
	mu     sync.Mutex  // held by Read and Close, so that the reader is not closed while it is read
	reader content.ReaderAt
}

// Interrupter is a content.ReaderAt whose reads may wait long, such as those of a blob on another server. Interrupt makes a ReadAt under
// way fail; another goroutine calls it before Close.
type Interrupter interface{ Interrupt() }

// Read says first how much was taken: nothing is read on before.
func (b *blobBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed.Load() {
		return 0, os.ErrClosed
	}
	b.moved(b.offset)
	if b.offset >= b.size {
		return 0, io.EOF
	}
	n, err := b.reader.ReadAt(p[:min(int64(len(p)), b.size-b.offset)], b.offset)
	b.offset += int64(n)
	if n > 0 {
		return n, nil
	}
	if err != nil && !b.closed.Load() {
		b.failed(err)
	}
	return 0, err
}

// Close implements io.Closer. It waits for a Read under way, which it interrupts where the reader can be.
func (b *blobBody) Close() error {
	if b.closed.Swap(true) {
		return nil
	}
	if reader, ok := b.reader.(Interrupter); ok {
		reader.Interrupt()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reader.Close()
}
