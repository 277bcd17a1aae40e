// Package distribution runs the CNCF distribution registry, version 3, in this process, with its token authentication and
// a token service beside it. It listens on loopback only.
package distribution

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem" // where it keeps its content
	"github.com/sirupsen/logrus"
)

// Options restrict the use of the registry: User may do everything, others nothing.
type Options struct {
	User     string
	Password string
	Uses     int // requests that a token is good for before it runs out; zero means that it lasts
}

// Server is a running registry. Its methods may be called from any goroutine.
type Server struct {
	addr   string
	dir    string
	tokens *tokens
	app    *handlers.App
	http   *http.Server
	served sync.WaitGroup
}

// Start listens on 127.0.0.1 and serves until Close.
func Start(o Options) (*Server, error) {
	dir, err := os.MkdirTemp("", "distribution-")
	if err != nil {
		return nil, fmt.Errorf("starting distribution: %w", err)
	}
	s := &Server{dir: dir}
	if err := s.start(o); err != nil {
		return nil, errors.Join(fmt.Errorf("starting distribution: %w", err), os.RemoveAll(dir))
	}
	return s, nil
}

func (s *Server) start(o Options) (err error) {
	keys := filepath.Join(s.dir, "jwks.json")
	if s.tokens, err = newTokens(o, keys); err != nil {
		return err
	}
	logrus.SetOutput(io.Discard) // it logs each request, and takes no logger
	s.app = handlers.NewApp(context.Background(), settings(filepath.Join(s.dir, "data"), keys))
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s.addr = listener.Addr().String()
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	s.served.Go(func() { _ = s.http.Serve(listener) }) // always ErrServerClosed: Close is the only way to end it
	return nil
}

func settings(data, keys string) *configuration.Configuration {
	return &configuration.Configuration{
		Storage: configuration.Storage{
			"filesystem":  {"rootdirectory": data},
			"delete":      {"enabled": true},
			"maintenance": {"uploadpurging": map[any]any{"enabled": false}},
		},
		Auth: configuration.Auth{"token": {
			"realm": "http://unused.invalid/token", "service": service, "issuer": issuer, "jwks": keys,
			// The token service has the registry's address, as the client knows it.
			"autoredirect": true, "autoredirectpath": tokenPath,
		}},
		Catalog: configuration.Catalog{MaxEntries: 1000},
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Forwarded-Proto") == "" {
		r.Header.Set("X-Forwarded-Proto", "http") // or it leads to https
	}
	if r.URL.Path == tokenPath {
		s.tokens.ServeHTTP(w, r)
		return
	}
	s.tokens.age(r)
	s.app.ServeHTTP(w, r)
}

// Addr is host:port, the first part of an image reference.
func (s *Server) Addr() string { return s.addr }

// Close cuts all connections, frees the port and removes the content.
func (s *Server) Close() error {
	err := s.http.Close()
	s.served.Wait()
	return errors.Join(err, s.app.Shutdown(), os.RemoveAll(s.dir))
}
