package github

import "sync"

// Request is one request that the server has answered.
type Request struct {
	Number int    // from 1, in the order of arrival
	Method string // as sent
	Path   string // as sent, without the prefix of GitHub Enterprise Server and without the query

	// Operation names what was asked for, without its particulars: "query repository", "mutation createCommitOnBranch"
	// (the kind and top-level fields of a GraphQL document), "GET /repos/{owner}/{repo}/git/ref/{ref}", or "unknown".
	Operation string

	Status int // HTTP status sent; 0 where the connection was cut instead
}

type journal struct {
	mu      sync.Mutex
	arrived int
	done    []Request
}

// Requests returns the answered requests in the order in which their answers were ready.
func (s *Server) Requests() []Request {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return append([]Request(nil), s.journal.done...)
}

// Count is the number of answered requests of an operation (see Request), of all operations when it is empty.
func (s *Server) Count(operation string) int {
	n := 0
	for _, r := range s.Requests() {
		if operation == "" || r.Operation == operation {
			n++
		}
	}
	return n
}

// ForgetRequests empties the log, so that a test counts from here.
func (s *Server) ForgetRequests() {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	s.journal.done = nil
}

func (j *journal) number() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.arrived++
	return j.arrived
}

func (j *journal) add(r Request) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.done = append(j.done, r)
}
