package release

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// newBump is what every commit on the i-th deployment has in common.
func (e *existing) newBump(i int, snapshot *deployment.Snapshot) deployment.Bump {
	return deployment.Bump{
		Deployment:  e.plan.Deployments[i],
		Service:     e.plan.Service,
		Formerly:    e.plan.Formerly,
		Environment: e.plan.Environment,
		Source:      source.Commit{Repository: e.commit.Repository, URL: e.commit.URL},
		RunURL:      e.runURL(),
		Ref:         e.offRef,
		Ancestry:    e.clients.ancestry,
		Force:       e.options.Force,
		Snapshot:    snapshot,
		KeyOf:       e.keyOfImage,
		DigestOf:    e.digestUnder,
		Reason:      e.reason(),
	}
}

// guard computes every edit and asks every guard, before anything is changed.
func (e *existing) guard(ctx context.Context, snapshots []*deployment.Snapshot, bumpOf func(int) deployment.Bump) ([]*deployment.Draft, error) {
	client, err := e.deployment()
	if err != nil {
		return nil, err
	}
	drafts := make([]*deployment.Draft, len(snapshots))
	var errs []error
	for i, snapshot := range snapshots {
		draft, err := bumpOf(i).Draft(ctx, snapshot)
		if err == nil && len(draft.Files) > 0 {
			if err = snapshot.CheckWrite(); err == nil {
				var notices []string
				notices, err = client.CheckOrder(ctx, bumpOf(i), draft)
				e.foretell(notices)
			}
		}
		drafts[i] = draft
		errs = append(errs, err)
	}
	return drafts, errors.Join(errs...)
}

// changes tells whether a draft has anything to commit.
func changes(drafts []*deployment.Draft) bool {
	return slices.ContainsFunc(drafts, func(d *deployment.Draft) bool { return len(d.Files) > 0 })
}

// requireThere refuses to name images that the registry lacks.
func (e *existing) requireThere(missing []plan.Image, remedy string) error {
	if len(missing) == 0 {
		return nil
	}
	refs := make([]string, len(missing))
	for i, image := range missing {
		refs[i] = image.Ref()
	}
	return problem.New(problem.Refused, remedy, "looking for the images: the registry has no such image, or the token may not see it\n  %s",
		strings.Join(refs, "\n  "))
}

// dryRun reports what would be changed.
func (e *existing) dryRun(drafts []*deployment.Draft) error {
	e.report.DryRun = true
	for _, draft := range drafts {
		e.report.Deployment = append(e.report.Deployment, drafted(draft))
	}
	e.console.Note("dry run: nothing was tagged or committed")
	return nil
}

// reason is -reason in one line. It enters commits, so that it is redacted here.
func (e *existing) reason() string {
	return e.redact.String(strings.Join(strings.Fields(e.options.Reason), " "))
}

// person is who asked for this, where the token's owner is not: in a workflow.
func (e *existing) person() string { return e.vars.Get(vars.Actor) }
