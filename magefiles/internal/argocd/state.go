package argocd

import (
	"context"
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// State is an application's status at one moment.
type State struct {
	Sync     string               // Synced, OutOfSync or Unknown
	Health   string               // Healthy, Progressing, Degraded, Suspended, Missing or Unknown
	Revision string               // of the first source of the target's: what it was compared with
	Running  bool                 // an operation is requested or under way
	Message  string               // what is wrong with a resource or with the comparison, one line; empty where nothing is
	Absent   []imageref.Reference // those of the target's images that do not run
	Page     string               // where people see it
}

// State asks once, without a comparison: it says what Argo CD knows already.
func (c *Client) State(ctx context.Context, t Target) (State, error) {
	state := State{Page: c.Page(t)}
	app, err := c.fetchApp(ctx, t, false)
	if err != nil {
		return state, c.cannotTell(ctx, t, err)
	}
	places, err := t.matchSources(app)
	if err != nil {
		return state, c.cannotTell(ctx, t, err)
	}
	state.Sync, state.Health = app.Status.Sync.Status, app.Status.Health.Status
	state.Revision, state.Running = app.comparedRevisions().ofSource(places[0].index), app.hasOperation()
	state.Absent = t.missingImages(expectedImages(places), app, false, nil)
	if len(state.Absent) > 0 {
		found, err := c.managedImages(ctx, t)
		if err != nil {
			return state, c.cannotTell(ctx, t, err)
		}
		state.Absent = t.missingImages(expectedImages(places), app, false, found)
	}
	if state.Health != "Healthy" {
		state.Message = app.firstWithHealth(state.Health)
	}
	for _, kind := range []string{"ComparisonError", "SyncError"} {
		if message, ok := app.conditionMessage(kind); ok {
			state.Message = message
		}
	}
	return state, nil
}

// cannotTell leaves the end of the context as it is.
func (c *Client) cannotTell(ctx context.Context, t Target, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return fmt.Errorf("asking Argo CD for the application %q: %w", t.Application, c.remedyFor(t, err))
}
