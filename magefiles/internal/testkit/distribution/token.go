package distribution

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/distribution/distribution/v3/registry/auth/token"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	issuer    = "token service"
	service   = "registry"
	tokenPath = "/token"
	keyID     = "key"
	lifetime  = 10 * time.Minute
)

// tokens is a token service (distribution's "Token Authentication Specification"): signed rights for a user with the password.
type tokens struct {
	options Options
	signer  jose.Signer

	mu    sync.Mutex
	given map[string]*use // by the token's text
}

// use is a token that was given out.
type use struct {
	access []*token.ResourceActions
	left   int // requests that it is still good for
}

// newTokens makes a service with a key of its own, and writes the key's public half to a file for the registry.
func newTokens(o Options, path string) (*tokens, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", keyID)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, options)
	if err != nil {
		return nil, err
	}
	public, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{
		Key: key.Public(), KeyID: keyID,
		Algorithm: string(jose.ES256),
	}}})
	if err != nil {
		return nil, err
	}
	return &tokens{options: o, signer: signer, given: map[string]*use{}}, os.WriteFile(path, public, 0o600)
}

// ServeHTTP gives a token for what is asked.
func (t *tokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if user, password, _ := r.BasicAuth(); user != t.options.User || password != t.options.Password {
		http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`, http.StatusUnauthorized)
		return
	}
	access := parse(r.URL.Query()["scope"])
	text, err := t.sign(access, time.Now())
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	t.mu.Lock()
	t.given[text] = &use{access: access, left: t.options.Uses}
	t.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"token": text, "expires_in": int(lifetime.Seconds())})
}

// age makes a request's token one that ran out an hour ago, when it was used as often as it may be.
func (t *tokens) age(r *http.Request) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || t.options.Uses == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	given, ok := t.given[text]
	if !ok {
		return
	}
	if given.left--; given.left < 0 {
		if old, err := t.sign(given.access, time.Now().Add(-lifetime-time.Hour)); err == nil {
			r.Header.Set("Authorization", "Bearer "+old)
		}
	}
}

func (t *tokens) sign(access []*token.ResourceActions, issued time.Time) (string, error) {
	claims := token.ClaimSet{
		Issuer: issuer, Subject: t.options.User, Audience: token.AudienceList{service}, JWTID: rand.Text(),
		IssuedAt: issued.Unix(), NotBefore: issued.Unix(), Expiration: issued.Add(lifetime).Unix(), Access: access,
	}
	text, err := jwt.Signed(t.signer).Claims(claims).Serialize()
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return text, nil
}

// parse reads "repository:acme/shop:pull,push".
func parse(scopes []string) []*token.ResourceActions {
	access := []*token.ResourceActions{}
	for scope := range strings.FieldsSeq(strings.Join(scopes, " ")) {
		kind, rest, _ := strings.Cut(scope, ":")
		if at := strings.LastIndex(rest, ":"); at >= 0 {
			access = append(access, &token.ResourceActions{Type: kind, Name: rest[:at], Actions: strings.Split(rest[at+1:], ",")})
		}
	}
	return access
}
