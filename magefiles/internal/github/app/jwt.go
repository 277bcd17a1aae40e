package app

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/backoff"
	"github.com/xiilab/astrago-ci/magefiles/internal/credential"
)

// GitHub refuses what was signed after its own clock's time, and what is good for more than ten minutes from then
// (https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app).
const (
	backdated = time.Minute     // for a clock that is ahead of GitHub's
	validFor  = 9 * time.Minute // from now on
)

// signer makes the JSON Web Tokens (RFC 7519) that say which App asks. They have one header and three claims, so that a library
// for all others would only add the parsing and the algorithms that nothing here may use.
type signer struct {
	issuer string
	key    *rsa.PrivateKey
	clock  backoff.Clock
	hide   func(string)
}

// issue returns a token that is signed now.
func (s *signer) issue(context.Context) (credential.Issued, error) {
	now := s.clock.Now()
	claims := struct {
		IssuedAt int64  `json:"iat"`
		Expires  int64  `json:"exp"`
		Issuer   string `json:"iss"`
	}{now.Add(-backdated).Unix(), now.Add(validFor).Unix(), s.issuer}
	payload, err := json.Marshal(claims)
	if err != nil {
		return credential.Issued{}, fmt.Errorf("encoding the claims of %s: %w", Identity(s.issuer).Name, err)
	}
	text := encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode(payload)
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, digest[:])
	if err != nil {
		return credential.Issued{}, fmt.Errorf("signing as %s: %w", Identity(s.issuer).Name, err)
	}
	token := text + "." + encode(signature)
	s.hide(token)
	return credential.Issued{Token: token, Lifetime: validFor}, nil
}

func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
