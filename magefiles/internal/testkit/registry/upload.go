package registry

import (
	"net/http"
	"path"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// serveUpload keeps account of upload sessions, which go-containerregistry's handler does not: a session that was never
// opened, was cancelled, or belongs to another repository is unknown.
func serveUpload(s *Server, w http.ResponseWriter, r *http.Request, request Request) {
	if r.Method == http.MethodPost {
		if mountBlob(s, w, r, request) {
			return
		}
		s.registry.ServeHTTP(opening{ResponseWriter: w, server: s, repository: request.Repository}, r)
		return
	}
	if !s.open(request) {
		refuse(w, http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")
		return
	}
	switch r.Method {
	case http.MethodDelete:
		s.end(request.Target)
		w.WriteHeader(http.StatusNoContent)
	case http.MethodPut:
		s.registry.ServeHTTP(w, r)
		s.end(request.Target)
	default:
		s.registry.ServeHTTP(w, r)
	}
}

// mountBlob makes a blob of another repository one of this one's, where the token may read it there (distribution spec,
// "Mounting a blob from another repository"); go-containerregistry's handler cannot. False asks for an ordinary upload.
func mountBlob(s *Server, w http.ResponseWriter, r *http.Request, request Request) bool {
	from := r.URL.Query().Get("from")
	blob, err := v1.NewHash(r.URL.Query().Get("mount"))
	if err != nil || !s.options.Open && !bearerToken(s, r).pull[from] {
		return false
	}
	if _, err := s.store.Stat(withRepository(r.Context(), from), from, blob); err != nil {
		return false
	}
	if err := writeFile(s.store.mark(r.Context(), blob), nil); err != nil {
		refuse(w, http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", err.Error())
		return true
	}
	w.Header().Set("Location", "/v2/"+request.Repository+"/blobs/"+blob.String())
	w.Header().Set("Docker-Content-Digest", blob.String())
	w.WriteHeader(http.StatusCreated)
	return true
}

// Uploads counts the upload sessions that were opened and neither finished nor cancelled.
func (s *Server) Uploads() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

func (s *Server) open(request Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	repository, ok := s.sessions[request.Target]
	return ok && repository == request.Repository
}

func (s *Server) end(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, session)
}

// opening notes the session that the handler gives out.
type opening struct {
	http.ResponseWriter
	server     *Server
	repository string
}

func (o opening) WriteHeader(status int) {
	if location := o.Header().Get("Location"); status == http.StatusAccepted && location != "" {
		o.server.mu.Lock()
		o.server.sessions[path.Base(location)] = o.repository
		o.server.mu.Unlock()
	}
	o.ResponseWriter.WriteHeader(status)
}
