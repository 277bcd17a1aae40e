package repo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Deadline bounds an operation on the deployment repository with all its waits.
type Deadline time.Duration

// errDeadline is the cause of a context that a Deadline ended.
var errDeadline = errors.New("the deadline for the deployment repository has passed")

// Limit returns a context that the deadline ends.
func (d Deadline) Limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, time.Duration(d), errDeadline)
}

// Explain turns the end of a limited context into its cause: the caller's cancellation stays recognisable, the Deadline's own end becomes a
// Problem with err, which says what was going on last.
func (d Deadline) Explain(ctx context.Context, target plan.Deployment, err error) error {
	cause := context.Cause(ctx)
	switch {
	case cause == nil || problem.As(err) != nil:
		return err
	case errors.Is(cause, errDeadline):
		status := problem.Failed
		if errors.Is(err, ErrStale) {
			status = problem.Conflict
		}
		return problem.New(status, problem.Again+": it finishes the work and makes no second commit",
			"giving up on %s@%s after %s: %w", target.Repository, target.Branch, time.Duration(d), err)
	}
	return fmt.Errorf("stopping work on %s@%s: %w", target.Repository, target.Branch, cause)
}
