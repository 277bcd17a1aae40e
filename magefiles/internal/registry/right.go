package registry

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// Proof is the kind of evidence for the right to push.
type Proof string

// The proofs.
const (
	ProofToken   Proof = "its token says so"                       // nothing was opened
	ProofSession Proof = "a test upload was started and cancelled" // no content was sent
)

// ProvePush is CheckPush that opens no upload session where the registry's token says itself that it is good for pushing
// (distribution's "Token Authentication Implementation": a JWT with the granted access). ghcr.io's says nothing. A token
// that does not name the right is no refusal, so that the registry is then asked for its own words.
func (c *Client) ProvePush(ctx context.Context, repository imageref.Repository) (Proof, error) {
	r := imageref.Reference{Repository: repository}
	granted, err := c.protocol.TokenGrantsPush(ctx, r)
	if err != nil {
		return "", c.explainer.Explain(ctx, "logging in for", r, err)
	}
	if granted {
		return ProofToken, nil
	}
	return ProofSession, c.CheckPush(ctx, repository)
}

// Source says in words where the credentials for a repository's registry come from, empty where there are none.
func (c *Client) Source(ctx context.Context, repository imageref.Repository) string {
	return c.keychain.Source(ctx, repository.Host)
}

// Address returns where a repository's registry answers, to probe it; empty where that is not known.
func (c *Client) Address(repository imageref.Repository) string {
	address, err := c.protocol.Address(repository.Host)
	if err != nil {
		return ""
	}
	return address
}
