// Package credential gives clients the tokens that they send: one that stays as it is, or one that is renewed before it expires.
package credential

import "context"

// Source gives the token for one audience. It is safe for concurrent use.
type Source interface {
	// Token returns the token to send now. Its error is the reason for having none; nothing has been sent then.
	Token(ctx context.Context) (string, error)

	// Refused is called when the audience has rejected a token (401). It reports whether the same request may be tried again with what
	// Token returns from now on.
	Refused(ctx context.Context, token string) bool
}

// Static is a token that nothing here can renew.
type Static string

var _ Source = Static("")

// Token implements Source.
func (s Static) Token(context.Context) (string, error) { return string(s), nil }

// Refused implements Source.
func (Static) Refused(context.Context, string) bool { return false }
