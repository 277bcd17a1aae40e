package registry

import (
	"net/http"
	"regexp"
	"strings"
)

// Kind is the kind of a request.
type Kind string

// The kinds of requests that a registry gets.
const (
	Ping     Kind = "ping" // GET /v2/
	Token    Kind = "token"
	Manifest Kind = "manifest"
	Blob     Kind = "blob"
	Upload   Kind = "upload" // POST opens a session, PATCH and PUT send to it, DELETE cancels it
	Other    Kind = "other"
	Invalid  Kind = "invalid" // the repository's name is none
)

// Request is one request as the log keeps it.
type Request struct {
	Method     string
	Kind       Kind
	Repository string // owner/name; empty for ping and token
	Target     string // tag or digest, or the upload session
	Status     int    // of the answer; zero while there is none, and where the connection was cut
	Received   int64  // bytes of its body that were read
}

// names is the grammar of a repository (distribution spec, "Pulling manifests").
var names = regexp.MustCompile(`^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$`)

func parse(r *http.Request) Request {
	request := Request{Method: r.Method, Kind: Other}
	path, v2 := strings.CutPrefix(r.URL.Path, "/v2/")
	switch {
	case r.URL.Path == "/token":
		request.Kind = Token
	case !v2 && r.URL.Path != "/v2":
		request.Kind = Other
	case path == "" || !v2:
		request.Kind = Ping
	default:
		request.name(path)
	}
	return request
}

// name finds the repository from the right: its own name may hold any of the words that separate it from the rest.
func (r *Request) name(path string) {
	for _, part := range []struct {
		separator string
		kind      Kind
	}{{"/blobs/uploads/", Upload}, {"/blobs/", Blob}, {"/manifests/", Manifest}, {"/tags/", Other}, {"/referrers/", Other}} {
		at := strings.LastIndex(path, part.separator)
		if at < 0 {
			continue
		}
		r.Kind, r.Repository, r.Target = part.kind, path[:at], path[at+len(part.separator):]
		if !names.MatchString(r.Repository) {
			r.Kind = Invalid
		}
		return
	}
}

// recorder keeps the status of the answer for the log; zero means that there was none.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(p)
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
