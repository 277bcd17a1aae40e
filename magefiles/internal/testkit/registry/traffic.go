package registry

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// Traffic is the handler before a registry: it logs each request and applies faults to it. The zero value is ready.
type Traffic struct {
	mu       sync.Mutex
	faults   []Fault
	requests []*Request
}

// Pass takes one request's way: understood, logged, hit by a fault, handled.
func (t *Traffic) Pass(w http.ResponseWriter, r *http.Request, next func(http.ResponseWriter, *http.Request, Request)) {
	request := parse(r)
	recorder := &recorder{ResponseWriter: w}
	entry := t.note(request)
	body := &counted{ReadCloser: r.Body}
	r.Body = body
	defer func() { t.end(entry, recorder.status, body.count.Load()) }()
	for _, fault := range t.active() {
		if fault(recorder, r, request) {
			return
		}
	}
	next(recorder, r, request)
}

// Inject adds a fault; faults are asked in the order of their injection.
func (t *Traffic) Inject(fault Fault) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults = append(t.faults, fault)
}

// Heal removes all faults.
func (t *Traffic) Heal() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults = nil
}

func (t *Traffic) active() []Fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Fault(nil), t.faults...)
}

// Requests returns the log, oldest first.
func (t *Traffic) Requests() []Request {
	t.mu.Lock()
	defer t.mu.Unlock()
	requests := make([]Request, len(t.requests))
	for i, request := range t.requests {
		requests[i] = *request
	}
	return requests
}

// Count counts the logged requests of a method and a kind; an empty one stands for any.
func (t *Traffic) Count(method string, kind Kind) int {
	count := 0
	for _, request := range t.Requests() {
		if (method == "" || request.Method == method) && (kind == "" || request.Kind == kind) {
			count++
		}
	}
	return count
}

// Received adds up the bytes of all bodies that came with requests of a kind.
func (t *Traffic) Received(kind Kind) int64 {
	var sum int64
	for _, request := range t.Requests() {
		if request.Kind == kind {
			sum += request.Received
		}
	}
	return sum
}

// ResetRequests empties the log.
func (t *Traffic) ResetRequests() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests = nil
}

func (t *Traffic) note(request Request) *Request {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests = append(t.requests, &request)
	return &request
}

func (t *Traffic) end(request *Request, status int, received int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	request.Status, request.Received = status, received
}

// counted counts what is read of a body, by any reader: a proxy's connection may outlast the answer.
type counted struct {
	io.ReadCloser
	count atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.count.Add(int64(n))
	return n, err
}
