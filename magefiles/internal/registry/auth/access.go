package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/containerd/containerd/v2/core/remotes/docker"
)

// Grants reports whether the token for the scopes of the context says itself that it is good for a scope; a token that cannot be
// read says nothing.
func (a *Authorizer) Grants(ctx context.Context, scope string) bool {
	known := a.knownToken(parseScopes(docker.GetTokenScopes(ctx, nil)).resourceKey())
	return readAccess(known.value).covers(parseScopes([]string{scope}))
}

// readAccess reads what a token grants. Its signature is the registry's matter: a forged one changes only what its bearer is shown.
func readAccess(token string) scopes {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil
	}
	var claims struct {
		Access []struct {
			Type    string   `json:"type"`
			Name    string   `json:"name"`
			Actions []string `json:"actions"`
		} `json:"access"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return nil
	}
	granted := scopes{}
	for _, access := range claims.Access {
		for _, action := range access.Actions {
			granted.allow(access.Type+":"+access.Name, action)
		}
	}
	return granted
}
