package argocd

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Codes of gRPC, which Argo CD's errors carry beside the status.
const (
	notFound         = 5
	permissionDenied = 7
	unauthenticated  = 16
)

// page is the content of the pages, one file for every path.
const page = "<!doctype html><html><head><title>Argo CD</title></head></html>"

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.URL.RequestURI())
	intercept := s.intercept
	s.mu.Unlock()
	if intercept != nil && intercept(w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.route(w, r)
}

func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/dex/token" && r.Method == http.MethodPost {
		s.exchange(w, r)
		return
	}
	name, ok := strings.CutPrefix(r.URL.Path, "/api/v1/applications/")
	if !ok || r.Method != http.MethodGet {
		fmt.Fprint(w, page)
		return
	}
	allowed, refusal := s.authenticate(r)
	if refusal != "" {
		fail(w, http.StatusUnauthorized, unauthenticated, refusal)
		return
	}
	name, what, _ := strings.Cut(name, "/")
	e := s.find(w, r, name, allowed)
	switch {
	case e == nil:
	case what == "managed-resources":
		e.managedResources(w)
	case what == "resource-tree":
		e.resourceTree(w)
	case what == "syncwindows":
		answer(w, http.StatusOK, map[string]any{
			"activeWindows": e.windows, "assignedWindows": append(slices.Clone(e.windows), e.others...),
			"canSync": true,
		})
	default:
		e.answer(w, r)
	}
}

// authenticate returns the projects that the token may see, or why it is none. The scheme is case-sensitive.
func (s *Server) authenticate(r *http.Request) (projects []string, refusal string) {
	value, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || strings.Count(value, ".") != 2 { // what is no JWT is as good as none
		return nil, "no session information"
	}
	t := s.tokens[value]
	switch {
	case t == nil:
		return nil, "invalid session: token signature is invalid: signature is invalid"
	case t.expired:
		return nil, "invalid session: token has invalid claims: token is expired"
	}
	return t.projects, ""
}

// find answers for an application that does not exist, or may not be seen. Only the answer to a request that names the project
// distinguishes the two.
func (s *Server) find(w http.ResponseWriter, r *http.Request, name string, allowed []string) *entry {
	query := r.URL.Query()
	namespace, project := query.Get("appNamespace"), query.Get("project")
	if namespace == "" {
		namespace = home
	}
	e := s.applications[namespace+"/"+name]
	switch {
	case e == nil && project != "" && slices.Contains(allowed, project) && namespace == home:
		fail(w, http.StatusNotFound, notFound, fmt.Sprintf("applications.argoproj.io %q not found", name))
	case e == nil, !slices.Contains(allowed, e.Spec.Project), project != "" && project != e.Spec.Project:
		fail(w, http.StatusForbidden, permissionDenied, "permission denied")
	default:
		return e
	}
	return nil
}

// answer shows the state and takes the next step after it. A refresh blocks until the controller has compared: its answer
// is the first state of what the comparison found, seldom the last.
func (e *entry) answer(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("refresh") != "" {
		e.Status.ReconciledAt = now()
		if e.refresh != nil {
			if steps := e.refresh(e.Application); len(steps) > 0 {
				e.steps = steps
				e.step()
			}
		}
	}
	e.settled = len(e.steps) == 0
	answer(w, http.StatusOK, e.Application)
	e.step()
}

func (e *entry) step() {
	if len(e.steps) > 0 {
		e.steps[0](&e.Application)
		e.steps = e.steps[1:]
	}
}

func fail(w http.ResponseWriter, status, code int, message string) {
	answer(w, status, map[string]any{"error": message, "code": code, "message": message})
}

func answer(w http.ResponseWriter, status int, document any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(document) // the client may be gone
}

func readBody(r *http.Request) string {
	data, _ := io.ReadAll(r.Body) // what is cut is no form
	return string(data)
}
