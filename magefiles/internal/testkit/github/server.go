// Package github is an in-process GitHub for tests and for the demo: the REST and GraphQL interfaces that the deployment
// code uses, with GitHub's statuses, error texts and races, in front of real bare git repositories on disk. It listens on
// loopback only. Package rest answers the one interface, graph the other, and githubd starts a server with both.
package github

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/apps"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/gql"
)

// Options of a Server. The zero value works.
type Options struct {
	Dir   string           // parent directory of the repositories; empty is a temporary one that Close removes
	Now   func() time.Time // dates of commits and pull requests; nil is time.Now
	Login string           // the user that every token belongs to; "octocat" when empty

	// OnUnknown receives every request that GitHub may know and this server does not: a path without a handler, or a GraphQL document that
	// is not valid against the schema. The request is answered 501 (a document: 200 with errors) as well. A test calls t.Errorf here.
	OnUnknown func(*http.Request)

	// Check, if set, is shown every known request with the answer that the server itself gives to it, before that leaves:
	// not the answers that a hook makes up. It may be called from several goroutines. A test holds both against GitHub's
	// own descriptions here (package contract).
	Check func(*http.Request, Answer)
}

// Answer is a complete answer of the server.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Server is a running GitHub. Its methods may be called from several goroutines, also from within hooks.
type Server struct {
	options   Options
	http      *http.Server
	address   string
	schema    *gql.Schema
	ended     context.Context // done when Close begins: ends delays
	end       context.CancelFunc
	requests  sync.WaitGroup
	journal   journal
	hooks     hooks
	access    access
	apps      *apps.Directory
	signed    sync.Map // ids of commits
	downloads sync.Map // of download by its ticket
	routes    *http.ServeMux
	root      RootOf

	mu           sync.Mutex
	repositories map[string]*Repository // by lower-case owner/name: GitHub's names ignore case
	temporary    bool                   // options.Dir is this server's to remove
}

// RootOf returns the object that a GraphQL document of a call begins at.
type RootOf func(*Call) gql.Object

// Serve begins to serve the routes of the REST interface, and GraphQL from its root, on a free port of 127.0.0.1. ctx bounds the
// start only; Close ends the server. Package githubd has both interfaces.
func Serve(ctx context.Context, o Options, operations []Route, root RootOf) (*Server, error) {
	schema, err := gql.Load()
	if err != nil {
		return nil, err
	}
	s := &Server{options: o, schema: schema, root: root, repositories: map[string]*Repository{}, temporary: o.Dir == ""}
	s.options.Login = cmp.Or(o.Login, "octocat")
	if o.Now == nil {
		s.options.Now = time.Now
	}
	s.apps = apps.NewDirectory(s.options.Now)
	s.ended, s.end = context.WithCancel(context.WithoutCancel(ctx))
	if s.routes, err = newRoutes(operations); err != nil {
		return nil, err
	}
	if s.temporary {
		if s.options.Dir, err = os.MkdirTemp("", "github-"); err != nil {
			return nil, fmt.Errorf("creating directory of repositories: %w", err)
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listening on loopback: %w", err), removeTemporary(s))
	}
	s.address = listener.Addr().String()
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: time.Minute}
	go func() { _ = s.http.Serve(listener) }() // ends with http.ErrServerClosed when Close is called
	return s, nil
}

// URL is the address that GITHUB_API_URL is set to, without a final slash. GraphQL is at URL()+"/graphql". The paths of
// GitHub Enterprise Server (/api/v3 and /api/graphql) are served as well.
func (s *Server) URL() string { return "http://" + s.address }

// Close ends all requests, waits for their handlers and for git, and removes the temporary directory if there is one.
func (s *Server) Close() error {
	s.mu.Lock()
	s.end()
	s.mu.Unlock()
	errs := []error{s.http.Close()}
	s.requests.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.repositories {
		errs = append(errs, r.Git.Close())
	}
	return errors.Join(append(errs, removeTemporary(s))...)
}

func removeTemporary(s *Server) error {
	if !s.temporary {
		return nil
	}
	return os.RemoveAll(s.options.Dir)
}
