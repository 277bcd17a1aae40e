package apps

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// GitHub's words for a JSON Web Token that it does not take.
const (
	undecodable  = "A JSON web token could not be decoded"
	issuedLater  = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
	expired      = "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
	expiresLate  = "'Expiration time' claim ('exp') is too far in the future"
	noKey        = "Integration must generate a public key"
	unknown      = "Integration not found"
	longestClaim = 10 * time.Minute
)

// Verify returns the App that a JSON Web Token is signed by.
func (d *Directory) Verify(token string) (App, error) {
	text, signature, ok := splitSignature(token)
	header, claims := struct{ Alg string }{}, struct {
		Iat, Exp *int64
		Iss      any
	}{}
	parts := strings.Split(text, ".")
	if !ok || len(parts) != 2 || decode(parts[0], &header) != nil || decode(parts[1], &claims) != nil || header.Alg != "RS256" {
		return App{}, refuse(http.StatusUnauthorized, undecodable)
	}
	app, found := d.issuer(claims.Iss)
	switch {
	case !found:
		return App{}, refuse(http.StatusNotFound, unknown)
	case app.Key == nil:
		return App{}, refuse(http.StatusUnauthorized, noKey)
	}
	digest := sha256.Sum256([]byte(text))
	if rsa.VerifyPKCS1v15(app.Key, crypto.SHA256, digest[:], signature) != nil {
		return App{}, refuse(http.StatusUnauthorized, undecodable)
	}
	now := d.now()
	switch {
	case claims.Iat == nil || time.Unix(*claims.Iat, 0).After(now):
		return App{}, refuse(http.StatusUnauthorized, issuedLater)
	case claims.Exp == nil || !time.Unix(*claims.Exp, 0).After(now):
		return App{}, refuse(http.StatusUnauthorized, expired)
	case time.Unix(*claims.Exp, 0).After(now.Add(longestClaim)):
		return App{}, refuse(http.StatusUnauthorized, expiresLate)
	}
	return app, nil
}

// LooksSigned reports whether a token has the form of a JSON Web Token, and not that of an installation's.
func LooksSigned(token string) bool {
	return strings.Count(token, ".") == 2 && !strings.HasPrefix(token, "ghs_")
}

// issuer finds an App by its id, as a number or as text, or by its client id.
func (d *Directory) issuer(iss any) (App, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	text, _ := iss.(string)
	if number, ok := iss.(float64); ok {
		text = strconv.FormatInt(int64(number), 10)
	}
	for _, app := range d.apps {
		if text == strconv.FormatInt(app.ID, 10) || text != "" && text == app.ClientID {
			return app, true
		}
	}
	return App{}, false
}

func splitSignature(token string) (text string, signature []byte, ok bool) {
	i := strings.LastIndex(token, ".")
	if i < 0 {
		return "", nil, false
	}
	signature, err := base64.RawURLEncoding.DecodeString(token[i+1:])
	return token[:i], signature, err == nil
}

func decode(part string, into any) error {
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}
