package worktree

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strconv"
	"sync"

	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/filesync"
	"github.com/tonistiigi/fsutil"
	fstypes "github.com/tonistiigi/fsutil/types"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// AnyName stands for every name of a directory that Server is given no other directory for.
const AnyName = ""

// Server answers a daemon that asks for local directories in a session.
type Server struct {
	filesync.UnimplementedFileSyncServer
	tree *Tree
	dirs map[string]string

	mu     sync.Mutex
	failed error
}

var _ session.Attachable = (*Server)(nil)

// Server serves directories by the names that a build has for them, see AnyName. A transfer of a file that changed since it
// was hashed, or that cannot be read, fails with the file's name.
func (t *Tree) Server(dirs map[string]string) *Server { return &Server{tree: t, dirs: dirs} }

// Err returns what the first transfer that failed failed of: a daemon passes on no more than its text.
func (s *Server) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

// Register implements session.Attachable.
func (s *Server) Register(server *grpc.Server) { filesync.RegisterFileSyncServer(server, s) }

// DiffCopy implements filesync.FileSyncServer.
func (s *Server) DiffCopy(stream filesync.FileSync_DiffCopyServer) error {
	asked, _ := metadata.FromIncomingContext(stream.Context())
	name := firstOf(metadataValues(asked, "dir-name"))
	dir, found := s.dirs[name]
	if !found {
		dir, found = s.dirs[AnyName]
	}
	if !found {
		return status.Errorf(codes.NotFound, "no directory is served as %q", name)
	}
	err := s.sendSnapshot(stream, dir, Filter{
		Include: metadataValues(asked, "include-patterns"), Exclude: metadataValues(asked,
			"exclude-patterns"), Follow: metadataValues(asked, "followpaths"),
	})
	if err == nil || stream.Context().Err() != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = err
	}
	if p := problem.As(err); p != nil {
		return status.Error(codes.Aborted, p.Err.Error())
	}
	return err
}

func (s *Server) sendSnapshot(stream filesync.FileSync_DiffCopyServer, dir string, f Filter) error {
	snapshot, err := s.tree.Snapshot(stream.Context(), dir, f)
	if err != nil {
		return err
	}
	a := &abortableStream{Stream: stream, aborted: make(chan struct{})}
	err = fsutil.Send(stream.Context(), a, sendingFS{Snapshot: snapshot, abort: a.abort}, nil)
	if a.cause != nil {
		return a.cause
	}
	return err
}

// metadataValues decodes what a daemon asks with (buildkit, session/filesync, encodeOpts).
func metadataValues(asked metadata.MD, key string) []string {
	found := asked.Get(key)
	if encoded, err := strconv.ParseBool(firstOf(asked.Get(key + "-encoded"))); err != nil || !encoded {
		return found
	}
	decoded := make([]string, len(found))
	for i, text := range found {
		decoded[i] = text
		if plain, err := url.QueryUnescape(text); err == nil {
			decoded[i] = plain
		}
	}
	return decoded
}

func firstOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// sendingFS reports files that cannot be sent as they were hashed. fsutil's sender waits for ever after an error of a reader,
// and takes an error of Open for an empty file.
type sendingFS struct {
	*Snapshot
	abort func(error)
}

// Open implements fsutil.FS.
func (s sendingFS) Open(name string) (io.ReadCloser, error) {
	file, err := s.Snapshot.Open(name)
	if err != nil {
		s.abort(err)
		return io.NopCloser(failingReader{err}), nil
	}
	return reportingReader{ReadCloser: file, abort: s.abort}, nil
}

type failingReader struct{ err error }

// Read implements io.Reader.
func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

type reportingReader struct {
	io.ReadCloser
	abort func(error)
}

// Read implements io.Reader.
func (r reportingReader) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.abort(err)
	}
	return n, err
}

// abortableStream is a stream whose reader can be woken.
type abortableStream struct {
	fsutil.Stream
	once    sync.Once
	aborted chan struct{}
	cause   error
}

func (a *abortableStream) abort(err error) {
	a.once.Do(func() {
		a.cause = err
		close(a.aborted)
	})
}

// RecvMsg implements fsutil.Stream.
func (a *abortableStream) RecvMsg(message any) error {
	packet, ok := message.(*fstypes.Packet)
	if !ok {
		return a.Stream.RecvMsg(message)
	}
	type answer struct {
		packet *fstypes.Packet
		err    error
	}
	got := make(chan answer, 1)
	go func() {
		var p fstypes.Packet
		err := a.Stream.RecvMsg(&p)
		got <- answer{&p, err}
	}()
	select {
	case answer := <-got:
		packet.Type, packet.ID, packet.Data, packet.Stat = answer.packet.Type, answer.packet.ID, answer.packet.Data, answer.packet.Stat
		return answer.err
	case <-a.aborted:
		return a.cause
	}
}

// Context implements fsutil.Stream.
func (a *abortableStream) Context() context.Context { return a.Stream.Context() }
