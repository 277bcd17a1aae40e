package github

import (
	"errors"

	"github.com/xiilab/astrago-ci/magefiles/internal/credential"
)

// Identity is the account of requests, as messages name it.
type Identity struct {
	Name     string // of the token's variable, or of the App: "DEPLOY_TOKEN", "GitHub App 12345"
	App      bool   // an App, whose permissions are changed in its settings
	ReadOnly bool   // a token that is there to read only: DEPLOY_READ_TOKEN
}

// Sources gives the token for a repository (owner/name). It reaches that repository alone.
type Sources func(repository string) credential.Source

// IdentityOf returns what a request was made as that GitHub refused; the zero Identity where the error is no refusal of GitHub.
func IdentityOf(err error) Identity {
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.Identity
	}
	if document, ok := errors.AsType[*refusedDocument](err); ok {
		return document.identity
	}
	return Identity{}
}

// unsentError is the reason why a request has no token: it was not sent. A refusal of what was asked for a token is no refusal of the
// request, and is not found in the chain.
type unsentError struct{ cause error }

// Error implements error.
func (e *unsentError) Error() string { return e.cause.Error() }

// Is implements errors.Is.
func (e *unsentError) Is(target error) bool { return errors.Is(e.cause, target) }

// As implements errors.As.
func (e *unsentError) As(target any) bool {
	if _, refusal := target.(**StatusError); refusal {
		return false
	}
	return errors.As(e.cause, target)
}

// isUnsent reports whether a request was not sent, so that nothing of it can have happened.
func isUnsent(err error) bool {
	_, unsent := errors.AsType[*unsentError](err)
	return unsent
}
