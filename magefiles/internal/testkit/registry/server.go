// Package registry is an image registry for tests and for the demo: go-containerregistry's handler in this process, behind
// what ghcr.io puts in front of it (Bearer tokens with rights per repository, its denials word for word) and behind what
// a registry checks (a manifest's blobs must be in its repository). It listens on loopback only.
package registry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	ggcr "github.com/google/go-containerregistry/pkg/registry"
)

// Options say how the registry behaves. The zero value asks for tokens, keeps nothing, and takes a free port.
type Options struct {
	Dir           string // keeps blobs and manifests here and finds those of an earlier run; empty keeps nothing
	Port          int    // port on 127.0.0.1; zero takes a free one
	Open          bool   // asks for no authentication at all
	AnonymousPull bool   // gives a token for pull to anybody, as for public packages
	Referrers     bool   // lists the manifests that name another one as their subject
	WriteDenial   string // message of a refused write; "permission_denied: write_package" by default
}

// Server is a running registry. Its methods may be called from any goroutine.
type Server struct {
	Traffic

	options  Options
	addr     string
	http     *http.Server
	store    *store
	registry http.Handler
	served   sync.WaitGroup
	cleanup  func() error

	mu       sync.Mutex
	users    map[string]user
	tokens   map[string]token
	sessions map[string]string // upload session -> repository
}

// Start listens on 127.0.0.1 and serves until Close.
func Start(o Options) (*Server, error) {
	o.WriteDenial = cmp.Or(o.WriteDenial, "permission_denied: write_package")
	s := &Server{options: o, users: map[string]user{}, tokens: map[string]token{}, sessions: map[string]string{}}
	if err := s.openStore(); err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port)))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the registry: %w", err), s.cleanup())
	}
	s.addr = listener.Addr().String()
	quiet := log.New(io.Discard, "", 0)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.Pass(w, r, s.serve) })
	s.http = &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute, ErrorLog: quiet}
	s.served.Go(func() { _ = s.http.Serve(listener) }) // always ErrServerClosed: Close is the only way to end it
	return s, nil
}

// Addr is host:port, the first part of an image reference.
func (s *Server) Addr() string { return s.addr }

// Close cuts all connections and frees the port. A registry without Options.Dir loses its content.
func (s *Server) Close() error {
	err := s.http.Close()
	s.served.Wait()
	return errors.Join(err, s.cleanup())
}

func (s *Server) openStore() error {
	dir := s.options.Dir
	s.cleanup = func() error { return nil }
	if dir == "" {
		temporary, err := os.MkdirTemp("", "registry-")
		if err != nil {
			return fmt.Errorf("starting the registry: %w", err)
		}
		dir = temporary
		s.cleanup = func() error { return os.RemoveAll(temporary) }
	}
	s.store = &store{dir: dir}
	s.registry = ggcr.New(ggcr.WithBlobHandler(s.store), ggcr.WithReferrersSupport(s.options.Referrers),
		ggcr.Logger(log.New(io.Discard, "", 0)))
	return s.store.replay(s.registry)
}

// serve is one request's way after the faults: authorized, checked, stored.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, request Request) {
	switch {
	case request.Kind == Token:
		serveToken(s, w, r)
	case request.Kind == Invalid:
		refuse(w, http.StatusBadRequest, "NAME_INVALID", "invalid repository name")
	case authorizeRequest(s, w, r, request):
		serveContent(s, w, r, request)
	}
}

func serveContent(s *Server, w http.ResponseWriter, r *http.Request, request Request) {
	r = r.WithContext(withRepository(r.Context(), request.Repository))
	switch {
	case request.Kind == Upload:
		serveUpload(s, w, r, request)
	case request.Kind == Manifest && r.Method == http.MethodPut:
		putManifest(s, w, r, request)
	default:
		// go-containerregistry's handler refuses ranges without an end, by which a download goes on that was cut off. A server may
		// answer with everything instead (RFC 9110, section 14.2).
		if strings.HasSuffix(r.Header.Get("Range"), "-") {
			r.Header.Del("Range")
		}
		s.registry.ServeHTTP(w, r)
	}
}
