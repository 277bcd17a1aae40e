package registry

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	digest "github.com/opencontainers/go-digest"
)

// Fault looks at a request before the registry does, after it was logged. It returns true when it answered it or cut it
// off; false lets the request go on. It may block: the client then waits.
type Fault func(w http.ResponseWriter, r *http.Request, request Request) bool

// On applies a fault to the requests of a method and kind; an empty one stands for any.
func On(method string, kind Kind, fault Fault) Fault {
	return func(w http.ResponseWriter, r *http.Request, request Request) bool {
		if method != "" && method != request.Method || kind != "" && kind != request.Kind {
			return false
		}
		return fault(w, r, request)
	}
}

// Nth applies a fault to the nth time (from 1) that a request comes to it: On("PUT", Upload, Nth(2, Cut())).
func Nth(n int64, fault Fault) Fault {
	var seen atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, request Request) bool {
		return seen.Add(1) == n && fault(w, r, request)
	}
}

// Answer sends a status with the registry's error body; header may be nil.
func Answer(status int, header http.Header, code, message string) Fault {
	return func(w http.ResponseWriter, _ *http.Request, _ Request) bool {
		maps.Copy(w.Header(), header)
		refuse(w, status, code, message)
		return true
	}
}

// Cut closes the connection after reading up to n bytes of the body, without an answer.
func Cut(n int64) Fault {
	return func(_ http.ResponseWriter, r *http.Request, _ Request) bool {
		_, _ = io.CopyN(io.Discard, r.Body, n)
		panic(http.ErrAbortHandler) // net/http's documented way to cut a connection
	}
}

// Call runs a function and lets the request go on.
func Call(f func(Request)) Fault {
	return func(_ http.ResponseWriter, _ *http.Request, request Request) bool {
		f(request)
		return false
	}
}

// Lose answers a manifest's PUT as if it were stored, and stores nothing.
func Lose() Fault {
	return func(w http.ResponseWriter, r *http.Request, _ Request) bool {
		content, err := io.ReadAll(r.Body)
		if err != nil && !errors.Is(err, io.EOF) {
			return true
		}
		w.Header().Set("Docker-Content-Digest", digest.FromBytes(content).String())
		w.WriteHeader(http.StatusCreated)
		return true
	}
}

// Immutable refuses to put a tag on other content than it was put on before, as registries do that are set so. A digest is
// no tag.
func Immutable() Fault {
	var mu sync.Mutex
	tags := map[string]digest.Digest{}
	return On(http.MethodPut, Manifest, func(w http.ResponseWriter, r *http.Request, request Request) bool {
		content, err := io.ReadAll(r.Body)
		if err != nil {
			return true
		}
		r.Body = io.NopCloser(bytes.NewReader(content))
		mu.Lock()
		defer mu.Unlock()
		name, put := request.Repository+":"+request.Target, digest.FromBytes(content)
		if tagged, there := tags[name]; there && tagged != put && !strings.Contains(request.Target, ":") {
			refuse(w, http.StatusBadRequest, "TAG_INVALID", "the tag exists and cannot be overwritten because the repository is immutable")
			return true
		}
		tags[name] = put
		return false
	})
}
