package registry

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/containerd/containerd/v2/core/remotes/docker"
)

// Proof is how the right to push is known.
type Proof string

// The proofs.
const (
	ProofToken   Proof = "its token says so"              // nothing was opened
	ProofSession Proof = "an upload began, and was ended" // no content was sent
)

// ProvePush is CheckPush that opens no upload session where the registry's token says itself that it is good for pushing
// (distribution's "Token Authentication Implementation": a JWT with the granted access). ghcr.io's says nothing. A token
// that does not name the right is no refusal, so that the registry is then asked for its own words.
func (c *Client) ProvePush(ctx context.Context, repository string) (Proof, error) {
	r, err := parse(repository)
	if err != nil {
		return "", err
	}
	granted, err := c.granted(ctx, r)
	if err != nil {
		return "", c.explain(ctx, "logging in for", r, err)
	}
	if granted.covers(parseScopes([]string{"repository:" + r.path + ":push"})) {
		return ProofToken, nil
	}
	return ProofSession, c.CheckPush(ctx, repository)
}

// Source says in words where the credentials for a repository's registry come from, empty where there are none.
func (c *Client) Source(ctx context.Context, repository string) string {
	r, err := parse(repository)
	if err != nil {
		return ""
	}
	return c.keychain.Source(ctx, r.host)
}

// Address is where a repository's registry answers, for who wants no more than an answer; empty for what is no repository.
func (c *Client) Address(repository string) string {
	r, err := parse(repository)
	if err != nil {
		return ""
	}
	host := c.host(r.host)
	return fmt.Sprintf("%s://%s%s/", host.Scheme, host.Host, host.Path)
}

// granted are the rights that the registry's token names, none where it has no token that can be read.
func (c *Client) granted(ctx context.Context, r ref) (scopes, error) {
	host := c.host(r.host)
	authorizer, ok := host.Authorizer.(*authorizer)
	if !ok {
		return nil, nil
	}
	ctx = docker.WithScope(quiet(ctx), r.scope())
	err := c.retry(ctx, func(ctx context.Context) error {
		response, err := send(ctx, host, call{method: http.MethodGet, address: c.Address(r.repository())})
		if err == nil {
			finish(response)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return readAccess(authorizer.known(parseScopes(docker.GetTokenScopes(ctx, nil)).resources()).value), nil
}

// readAccess reads what a token grants. Its signature is the registry's matter: who forges one fools only himself.
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
