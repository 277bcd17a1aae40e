package registry

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Grant is a right of a user.
type Grant struct {
	Repository string // owner/name, owner/* for all below owner, or * for all
	Push       bool   // may also push
}

type user struct {
	password string
	grants   []Grant
}

func (u user) may(repository string, push bool) bool {
	return slices.ContainsFunc(u.grants, func(g Grant) bool {
		below, wildcard := strings.CutSuffix(g.Repository, "*")
		match := g.Repository == repository || wildcard && strings.HasPrefix(repository, below)
		return match && (g.Push || !push)
	})
}

// token is a token that the token endpoint issued: rights on repositories, by repository.
type token struct {
	user string
	pull map[string]bool
	push map[string]bool
}

// AddUser lets a user in with a password (ghcr.io: any name with a token) and gives the grants. The same name again
// replaces the password and the grants; tokens given out before keep what they allow.
func (s *Server) AddUser(name, password string, grants ...Grant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[name] = user{password: password, grants: grants}
}

// RevokeTokens makes every token given out so far invalid, as time does.
func (s *Server) RevokeTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// serveToken answers GET with Basic authentication, as Docker asks, and the POST form of OAuth2, as containerd asks
// (distribution's "Token Authentication Specification" and "Oauth2 Token Authentication").
func serveToken(s *Server, w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, "BAD_REQUEST", "the form cannot be read")
		return
	}
	name, password, authenticated := r.BasicAuth()
	if r.Method == http.MethodPost {
		name, password, authenticated = r.PostForm.Get("username"), r.PostForm.Get("password"), true
		if r.PostForm.Get("grant_type") == "refresh_token" {
			name, password = "", r.PostForm.Get("refresh_token")
		}
	}
	given, status := s.grant(name, password, authenticated, strings.Fields(strings.Join(r.Form["scope"], " ")))
	switch status {
	case http.StatusOK:
		w.Header().Set("Content-Type", "application/json")
		// ghcr.io names no lifetime; distribution's specification then means 60 seconds.
		_ = json.NewEncoder(w).Encode(map[string]string{"token": given, "access_token": given})
	case http.StatusUnauthorized:
		refuse(w, status, "UNAUTHORIZED", "authentication required")
	default:
		refuse(w, status, "DENIED", "denied")
	}
}

// grant returns a token with as much of the scopes as the user may have: like ghcr.io, it refuses unknown users only.
func (s *Server) grant(name, password string, authenticated bool, scopes []string) (string, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := user{}
	if authenticated {
		found, ok := s.find(name, password)
		if !ok {
			return "", http.StatusForbidden
		}
		who = s.users[found]
	} else if !s.options.AnonymousPull {
		return "", http.StatusUnauthorized
	}
	t := token{user: name, pull: map[string]bool{}, push: map[string]bool{}}
	for _, scope := range scopes {
		kind, rest, _ := strings.Cut(scope, ":")
		at := strings.LastIndex(rest, ":")
		if kind != "repository" || at < 0 {
			continue
		}
		repository, actions := rest[:at], strings.Split(rest[at+1:], ",")
		if slices.Contains(actions, "pull") && (s.options.AnonymousPull || who.may(repository, false)) {
			t.pull[repository] = true
		}
		if slices.Contains(actions, "push") && who.may(repository, true) {
			t.push[repository] = true
		}
	}
	id := rand.Text()
	s.tokens[id] = t
	return id, http.StatusOK
}

// find returns the name of the user with this password; an identity token (no name) is the password of any user.
func (s *Server) find(name, password string) (string, bool) {
	if name != "" {
		known, ok := s.users[name]
		return name, ok && known.password == password
	}
	for candidate, known := range s.users {
		if known.password == password {
			return candidate, true
		}
	}
	return "", false
}

// authorizeRequest lets a request through or answers it: no token gets ghcr.io's challenge, which names pull only; a token that
// is unknown or lacks the right is denied without a challenge, as ghcr.io does.
func authorizeRequest(s *Server, w http.ResponseWriter, r *http.Request, request Request) bool {
	if s.options.Open {
		return true
	}
	bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		scope := ""
		if request.Repository != "" {
			scope = fmt.Sprintf(",scope=%q", "repository:"+request.Repository+":pull")
		}
		scheme := cmp.Or(r.Header.Get("X-Forwarded-Proto"), "http")
		w.Header().Set("WWW-Authenticate", fmt.Sprintf("Bearer realm=%q,service=%q%s", scheme+"://"+r.Host+"/token", "ghcr.io", scope))
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "authentication required")
		return false
	}
	s.mu.Lock()
	t, known := s.tokens[bearer]
	s.mu.Unlock()
	write := r.Method != http.MethodGet && r.Method != http.MethodHead
	switch {
	case !known:
		refuse(w, http.StatusForbidden, "DENIED", "denied")
	case request.Kind == Ping:
		return true
	case write && !t.push[request.Repository]:
		refuse(w, http.StatusForbidden, "DENIED", s.options.WriteDenial)
	case !write && !t.pull[request.Repository]:
		refuse(w, http.StatusForbidden, "DENIED", "requested access to the resource is denied")
	default:
		return true
	}
	return false
}

// bearerToken returns the rights that a request's token stands for; an unknown one stands for none.
func bearerToken(s *Server, r *http.Request) token {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
}

// refuse answers with the error body of the distribution specification ("Error Codes").
func refuse(w http.ResponseWriter, status int, code, message string) {
	type problem struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string][]problem{"errors": {{Code: code, Message: message}}})
}
