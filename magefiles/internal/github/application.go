package github

import (
	"context"
	"errors"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// errDeadline is the cause of a context that Options.Deadline ended.
var errDeadline = errors.New("the deadline for GitHub has passed")

// application is the common part of Comparer and Recorder: access to an application repository, bounded in time.
type application struct {
	clients  *Clients
	deadline time.Duration
	token    string // the name of the token's variable, or of the App, for messages
}

// newApplication takes options whose Identity names the token.
func newApplication(o Options) (application, error) {
	token := o.Identity.Name
	clients, err := NewClients(o)
	if errors.Is(err, ErrNoToken) || errors.Is(err, ErrMalformedToken) {
		return application{}, problem.New(problem.Usage, "set "+token+" to the bare token", "reading %s: it is not a token", token)
	}
	if err != nil {
		return application{}, err
	}
	return application{clients: clients, deadline: o.WithDefaults().Deadline, token: token}, nil
}

func (a application) withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, a.deadline, errDeadline)
}
