package auth

import (
	"errors"
	"net/http"

	remoteserrors "github.com/containerd/containerd/v2/core/remotes/errors"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry/answer"
)

// ErrDenied is a registry that refuses the credentials, or a right that they lack.
var ErrDenied = errors.New("access denied")

// Denied is a registry's refusal, before it is explained to a person.
type Denied struct {
	Status  int
	Message string // the registry's own words, may be empty
	Login   bool   // the credentials themselves were refused, not a right of theirs
}

// Error says it with the registry's own words.
func (d *Denied) Error() string {
	if d.Message == "" {
		return ErrDenied.Error()
	}
	return ErrDenied.Error() + ": " + d.Message
}

// Is reports whether the target is ErrDenied.
func (d *Denied) Is(target error) bool { return target == ErrDenied }

// AsDenied turns a 401 or 403 into a denial and leaves every other error as it is. login means that the credentials
// themselves were refused, not a right of theirs.
func AsDenied(err error, login bool) error {
	status, ok := errors.AsType[remoteserrors.ErrUnexpectedStatus](err)
	if !ok || status.StatusCode != http.StatusUnauthorized && status.StatusCode != http.StatusForbidden {
		return err
	}
	return &Denied{Status: status.StatusCode, Message: answer.Message(status.Body), Login: login}
}
