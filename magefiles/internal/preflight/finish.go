package preflight

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
	"github.com/xiilab/astrago-ci/magefiles/internal/runreport"
)

// DryRun returns what the run would do.
func (d *Deploy) DryRun() runreport.DryRun {
	return runreport.DryRun{
		Found: d.State.Published, Actions: d.State.Actions(), Drafts: d.Drafts, Notes: d.rollout.Notes(),
	}
}

// Finish commits the images, once what the registry lacked has been published. What was done is returned also where something fails.
func (d *Deploy) Finish(ctx context.Context) (done runreport.Deployed, err error) {
	published := len(d.State.Missing()) > 0
	if err := d.checker.Confirm(ctx, d.State); err != nil {
		return done, err
	}
	if err = d.checker.RequirePublished(ctx, d.State); err == nil {
		done, err = d.rollout.CommitAll(ctx, d.bumpOf())
	}
	done.Found, done.UpToDate = d.State.Published, done.UpToDate && !published
	return done, err
}

// HasWork reports whether there is anything to publish or to commit.
func (d *Deploy) HasWork() bool { return len(d.State.Missing()) > 0 || rollout.HasChanges(d.Drafts) }
