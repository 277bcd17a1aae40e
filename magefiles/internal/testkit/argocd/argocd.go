// Package argocd is the part of Argo CD's API server that a client waiting for a deployment sees: one application, its
// refresh, its sync windows. It answers in the shapes of Argo CD 3.5 and moves through the states that were seen of one:
// every answer is one state, the next request finds the next. So a test says what happens, and needs no time.
package argocd

import (
	"cmp"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

// Step takes an application from one state to the next.
type Step func(*Application)

// Options says what kind of server it is.
type Options struct {
	TLS bool // https with a certificate of its own, as Argo CD serves by default
}

// Server is running. It is safe for concurrent use.
type Server struct {
	http *httptest.Server

	mu           sync.Mutex
	applications map[string]*entry // by namespace/name
	tokens       map[string]*token
	connectors   map[string]*connector // of Dex, by id
	intercept    func(http.ResponseWriter, *http.Request) bool
	requests     []string
}

type entry struct {
	Application
	refresh func(Application) []Step
	steps   []Step
	settled bool     // the last answer stays
	windows []Window // active ones
	others  []Window // assigned, not active
	managed []string // images of live manifests
	pods    []string // why they do not start
}

type token struct {
	projects  []string
	expired   bool
	exchanged bool // by Dex
}

// Start starts a server on this machine.
func Start(o Options) *Server {
	s := &Server{applications: map[string]*entry{}, tokens: map[string]*token{}, connectors: map[string]*connector{}}
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	if o.TLS {
		s.http.StartTLS()
	} else {
		s.http.Start()
	}
	return s
}

// Close ends the server.
func (s *Server) Close() { s.http.Close() }

// URL returns its address.
func (s *Server) URL() string { return s.http.URL }

// Certificate returns the certificate that the server's HTTPS is verified with, in PEM.
func (s *Server) Certificate() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.http.Certificate().Raw}))
}

// Allow lets a token see the applications of some projects.
func (s *Server) Allow(value string, projects ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[value] = &token{projects: projects}
}

// Expire ends a token's time.
func (s *Server) Expire(value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[value].expired = true
}

// Create adds an application. refresh returns the steps that a refresh of it begins; the refresh's own answer shows the first. Nil: nothing
// changes.
func (s *Server) Create(a Application, refresh func(Application) []Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.Metadata.Namespace = cmp.Or(a.Metadata.Namespace, home)
	s.applications[a.Metadata.Namespace+"/"+a.Metadata.Name] = &entry{Application: a, refresh: refresh}
}

// home is Argo CD's own namespace, where applications are that are asked for without one.
const home = "argocd"

// Begin puts steps after those that an application has yet to take.
func (s *Server) Begin(name string, steps ...Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.applications[home+"/"+name]
	e.steps = append(e.steps, steps...)
}

// Settled reports whether the last answer showed the state after all steps: a "done" before that was too early.
func (s *Server) Settled(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.applications[home+"/"+name].settled
}

// Windows sets the sync windows of an application, those that are active now and those that are not.
func (s *Server) Windows(name string, active, inactive []Window) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.applications[home+"/"+name]
	e.windows, e.others = active, inactive
}

// Intercept lets a function answer requests before the server does; it returns whether it has.
func (s *Server) Intercept(f func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intercept = f
}

// Requests are the path and query of all requests so far.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Refreshes counts the requests that asked for a comparison.
func (s *Server) Refreshes() int {
	n := 0
	for _, r := range s.Requests() {
		if strings.Contains(r, "refresh=normal") {
			n++
		}
	}
	return n
}

// now is the time as Argo CD writes it: in whole seconds.
func now() string { return time.Now().UTC().Format(time.RFC3339) }
