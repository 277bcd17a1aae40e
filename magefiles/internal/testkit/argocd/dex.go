package argocd

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Issuer is GitHub's OpenID Connect provider for workflows: it proves which workflow makes a request.
type Issuer struct {
	// Token authenticates a job: ACTIONS_ID_TOKEN_REQUEST_TOKEN.
	Token string

	http    *httptest.Server
	subject string

	mu        sync.Mutex
	issued    map[string]bool
	audiences []string
	refuses   bool
}

// StartIssuer starts the issuer of one workflow.
func StartIssuer(subject string) *Issuer {
	i := &Issuer{Token: "eyJhbGciOiJub25lIn0.cmVxdWVzdA." + rand.Text(), subject: subject, issued: map[string]bool{}}
	i.http = httptest.NewServer(http.HandlerFunc(i.serve))
	return i
}

// Close ends the server.
func (i *Issuer) Close() { i.http.Close() }

// URL is ACTIONS_ID_TOKEN_REQUEST_URL, which has a query already.
func (i *Issuer) URL() string { return i.http.URL + "/idtoken?api-version=2.0" }

// Audiences are those that identities were asked for, in order.
func (i *Issuer) Audiences() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return slices.Clone(i.audiences)
}

// Refuse has the issuer refuse the job, as when it has ended or lacks the permission.
func (i *Issuer) Refuse() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.refuses = true
}

func (i *Issuer) serve(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.refuses || r.Header.Get("Authorization") != "Bearer "+i.Token || r.URL.Query().Get("api-version") != "2.0" {
		http.Error(w, "no", http.StatusForbidden)
		return
	}
	audience := r.URL.Query().Get("audience")
	i.audiences = append(i.audiences, audience)
	token := unsigned(map[string]any{"sub": i.subject, "aud": audience})
	i.issued[token] = true
	answer(w, http.StatusOK, map[string]any{"value": token})
}

// knows reports whether the issuer has issued a token.
func (i *Issuer) knows(token string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.issued[token]
}

// unsigned is a JSON Web Token by its form alone: who asks whether it is real asks who has made it.
func unsigned(claims map[string]any) string {
	data, _ := json.Marshal(claims) // of texts and numbers
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"RS256"}`)) + "." + encode(data) + "." + encode([]byte(rand.Text()))
}

// Connector lets Dex exchange identities of an issuer for tokens that see the applications of some projects, for a time.
func (s *Server) Connector(id string, issuer *Issuer, lifetime time.Duration, projects ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connectors[id] = &connector{issuer: issuer, lifetime: lifetime, projects: projects}
}

// ExpireExchanged ends the time of all tokens that Dex has given.
func (s *Server) ExpireExchanged() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tokens {
		if t.exchanged {
			t.expired = true
		}
	}
}

// Exchanged are the tokens that Dex has given.
func (s *Server) Exchanged() (tokens []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for value, t := range s.tokens {
		if t.exchanged {
			tokens = append(tokens, value)
		}
	}
	return tokens
}

type connector struct {
	issuer   *Issuer
	lifetime time.Duration
	projects []string
}

// exchange is Dex's token endpoint (RFC 8693), in the words of Dex 2.4x.
func (s *Server) exchange(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, code, text string) {
		answer(w, status, map[string]any{"error": code, "error_description": text})
	}
	client, _, ok := r.BasicAuth()
	form, err := url.ParseQuery(readBody(r))
	c := s.connectors[form.Get("connector_id")]
	switch {
	case len(s.connectors) == 0: // ArgoCD without a Dex answers with its pages
		fmt.Fprint(w, page)
	case !ok || client != "argo-cd-cli":
		refuse(http.StatusUnauthorized, "invalid_client", "Invalid client credentials.")
	case err != nil || form.Get("grant_type") != "urn:ietf:params:oauth:grant-type:token-exchange":
		refuse(http.StatusBadRequest, "unsupported_grant_type", "")
	case form.Get("subject_token_type") != "urn:ietf:params:oauth:token-type:id_token":
		refuse(http.StatusBadRequest, "request_not_supported", "Invalid subject_token_type.")
	case c == nil:
		refuse(http.StatusBadRequest, "invalid_request", "Requested connector does not exist.")
	case !c.issuer.knows(form.Get("subject_token")):
		refuse(http.StatusUnauthorized, "access_denied", "")
	default:
		value := unsigned(map[string]any{"aud": "argo-cd-cli"})
		s.tokens[value] = &token{projects: c.projects, exchanged: true}
		answer(w, http.StatusOK, map[string]any{
			"access_token": value, "issued_token_type": strings.TrimSpace(form.Get("requested_token_type")), "token_type": "bearer",
			"expires_in": int(c.lifetime.Seconds()),
		})
	}
}
