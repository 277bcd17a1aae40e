package github

import (
	"sync"
	"time"
)

// Exchange is a request as an interceptor sees it, before it is handled.
type Exchange struct {
	Number     int    // as in the log of requests
	Method     string // as sent
	Path       string // as in the log of requests
	Operation  string // as in the log of requests
	Repository string // owner/name that a REST path names; empty for GraphQL
	Token      string // as sent; empty without one
	Body       []byte
}

// Cut says how a connection is broken in place of a complete answer.
type Cut int

// Ways to break a connection.
const (
	CutNothing Cut = iota // answer as usual
	CutAnswer             // close it before the first byte of the answer
	CutBody               // send the header and half of the body, then close it
)

// Reply is an answer made by a test.
type Reply struct {
	Status int
	Header map[string]string
	Body   string // sent as application/json unless Header says otherwise
}

// Action is a fault of one request. The order is: Delay, Before, handling, After, answer.
type Action struct {
	Delay  time.Duration // waits before anything else, less if the client or the server goes away
	Before func()        // runs before handling: move the head, revoke a token, delete a file
	After  func()        // runs after handling, before the answer leaves

	// Reply is sent in place of handling the request; with Handle the request takes effect first, as when a proxy in
	// front of GitHub loses the answer.
	Reply  *Reply
	Handle bool

	// Cut breaks the connection after handling, so that what was asked for has happened. A Reply without Handle, cut,
	// is a request that was lost on its way.
	Cut Cut

	// Heads makes branches look as if they still (or already) pointed to these commits, as a replica that lags behind
	// does: branch name to commit id. Reading and the check of an expected head see it; git's compare-and-swap does not.
	Heads map[string]string
}

// Interceptor decides what goes wrong with a request; nil leaves it alone.
type Interceptor func(Exchange) *Action

// hooks asks interceptors in the order of their registration.
type hooks struct {
	mu   sync.Mutex
	next int
	list []hook
}

type hook struct {
	id        int
	intercept Interceptor
}

// Intercept asks f about every request from now on, until the function it returns is called. Of several interceptors
// the first that gives an Action decides. f is never called concurrently with itself or another one, and must neither
// sendReply a request to the server nor call Intercept or remove; the functions of an Action may.
func (s *Server) Intercept(f Interceptor) (remove func()) {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	s.hooks.next++
	id := s.hooks.next
	s.hooks.list = append(s.hooks.list, hook{id, f})
	return func() { s.hooks.remove(id) }
}

// On is an Interceptor for the nth request (from 1) of an operation, counted from its registration; 0 is every one.
func On(operation string, nth int, action Action) Interceptor {
	seen := 0
	return func(e Exchange) *Action {
		if e.Operation != operation {
			return nil
		}
		seen++
		if nth != 0 && seen != nth {
			return nil
		}
		return &action
	}
}

func (h *hooks) remove(id int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	kept := h.list[:0:0]
	for _, x := range h.list {
		if x.id != id {
			kept = append(kept, x)
		}
	}
	h.list = kept
}

// ask returns what is to go wrong with a request; an Action without effect when nothing is.
func (h *hooks) ask(e Exchange) Action {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, x := range h.list {
		if action := x.intercept(e); action != nil {
			return *action
		}
	}
	return Action{}
}
