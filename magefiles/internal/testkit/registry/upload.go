package registry

import (
	"net/http"
	"path"
)

// serveUpload keeps account of upload sessions, which go-containerregistry's handler does not: a session that was never
// opened, was cancelled, or belongs to another repository is unknown.
func (s *Server) serveUpload(w http.ResponseWriter, r *http.Request, request Request) {
	if r.Method == http.MethodPost {
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
