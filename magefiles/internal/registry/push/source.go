package push

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
)

// repositorySource is the content of a repository. Manifests and configurations are kept, and checked; blobs stream through, and are
// checked by the registry that they are for. It implements content.Provider, and is safe for concurrent use.
type repositorySource struct {
	client     *protocol.Client
	repository imageref.Repository

	mu    sync.Mutex
	known map[digest.Digest][]byte
}

func newRepositorySource(client *protocol.Client, repository imageref.Repository) *repositorySource {
	return &repositorySource{client: client, repository: repository, known: map[digest.Digest][]byte{}}
}

// ReaderAt implements content.Provider.
func (s *repositorySource) ReaderAt(ctx context.Context, desc ocispec.Descriptor) (content.ReaderAt, error) {
	// What the context asks for is the right to push to another repository, which this one's token service must not hear.
	ctx = protocol.Quiet(withoutValues{ctx})
	if !images.IsManifestType(desc.MediaType) && !images.IsIndexType(desc.MediaType) {
		at := s.repository.At(desc.Digest)
		ctx, cancel := context.WithCancelCause(ctx)
		open := func() (io.ReadCloser, error) { return s.client.OpenBlob(ctx, at) }
		return &streamReader{at: at, size: desc.Size, open: open, cancel: cancel}, nil
	}
	s.mu.Lock()
	data, known := s.known[desc.Digest]
	s.mu.Unlock()
	if !known {
		var err error
		if _, data, err = s.client.GetManifest(ctx, s.repository.At(desc.Digest)); err != nil {
			return nil, err
		}
		s.mu.Lock()
		s.known[desc.Digest] = data
		s.mu.Unlock()
	}
	return documentReader{bytes.NewReader(data)}, nil
}

// sourceError is the reason why content of another repository could not be read.
type sourceError struct {
	from  imageref.Reference
	cause error
}

// Error implements error.
func (e sourceError) Error() string { return fmt.Sprintf("reading %s: %v", e.from, e.cause) }

// Unwrap returns the cause.
func (e sourceError) Unwrap() error { return e.cause }

// withoutValues is a context that ends as another does, and holds nothing.
type withoutValues struct{ context.Context }

// Value implements context.Context.
func (withoutValues) Value(any) any { return nil }

// documentReader is a document as containerd reads it.
type documentReader struct{ *bytes.Reader }

// Close implements content.ReaderAt.
func (documentReader) Close() error { return nil }

// streamReader is a blob of another registry, read once from its beginning to its end. It is opened when it is first read, so that what
// turns out to be there already costs nothing.
type streamReader struct {
	at     imageref.Reference
	open   func() (io.ReadCloser, error)
	cancel context.CancelCauseFunc // of what open reads
	size   int64

	body   io.ReadCloser
	offset int64
}

// ReadAt implements io.ReaderAt for what follows what was read before.
func (s *streamReader) ReadAt(p []byte, offset int64) (int, error) {
	if offset != s.offset {
		return 0, fmt.Errorf("reading a blob at %d: it is read to %d, and only goes on from there", offset, s.offset)
	}
	if s.body == nil {
		body, err := s.open()
		if err != nil {
			return 0, sourceError{s.at, err}
		}
		s.body = body
	}
	n, err := io.ReadFull(s.body, p)
	s.offset += int64(n)
	if err != nil && (s.offset < s.size || !errors.Is(err, io.EOF)) {
		return n, sourceError{s.at, err}
	}
	return n, err
}

// Size implements content.ReaderAt.
func (s *streamReader) Size() int64 { return s.size }

// errInterrupted is the cause of a stream that nothing reads any more.
var errInterrupted = errors.New("the upload has ended")

// Interrupt implements protocol.Interrupter.
func (s *streamReader) Interrupt() { s.cancel(errInterrupted) }

// Close implements content.ReaderAt.
func (s *streamReader) Close() error {
	s.cancel(nil)
	if s.body == nil {
		return nil
	}
	return s.body.Close()
}
