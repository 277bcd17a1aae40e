package preflight

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// Deploy is a run that deploys the plan's images, once it was checked.
type Deploy struct {
	State  *State
	Drafts []*edit.Draft

	checker *Checker
	rollout *rollout.Rollout
	judged  knowledge // by which holds were judged last
}

// knowledge holds the known facts about the images that a run deploys, in the plan's order.
type knowledge struct {
	images    []bump.Image
	undecided []component.Name
}

func (k knowledge) equal(other knowledge) bool {
	return slices.Equal(k.images, other.images) && slices.Equal(k.undecided, other.undecided)
}

// Require is a command's check of the images.
type Require func(context.Context, *State) error

// CheckDeploy looks at everything that can refuse a run that deploys, before anything expensive: both tokens, the tags that exist, the
// keys to set, what the command itself requires of the images that the registry lacks, and the charts. force deploys also over a
// newer build or a hold.
func (c *Checker) CheckDeploy(ctx context.Context, force bool, require Require) (*Deploy, error) {
	staged, stage := c.env.Stage(ctx, "check")
	d := &Deploy{checker: c}
	if err := d.check(staged, force, require); err != nil {
		stage.Fail(err)
		return nil, err
	}
	stage.Done(c.summary(d.State))
	d.rollout.StartNotes(ctx, d.bumpOf(), d.Drafts)
	return d, d.rollout.Charts.CheckDrafts(ctx, d.Drafts, d.State.images())
}

func (d *Deploy) check(ctx context.Context, force bool, require Require) error {
	c := d.checker
	err := d.fetchState(ctx, force)
	// A changed tree is the first thing to tell, whatever the network answered meanwhile.
	if err := cmp.Or(c.requireClean(), err); err != nil {
		return err
	}
	if err := c.requireSameInputs(ctx, d.State); err != nil {
		return err
	}
	if d.Drafts, err = d.rollout.Drafts(ctx, d.State.Snapshots, d.bumpOf()); err != nil {
		return err
	}
	if err := d.requireOrder(ctx); err != nil {
		return err
	}
	if err := require(ctx, d.State); err != nil {
		return err
	}
	// A hold is against an image, too, which an earlier commit may have given another tag: what becomes of each is known now.
	return d.requireUnheld(ctx)
}

// fetchState asks the registry and the deployment repositories where everything stands, all at once.
func (d *Deploy) fetchState(ctx context.Context, force bool) (err error) {
	c := d.checker
	if d.rollout, err = rollout.New(c.env, force); err != nil {
		return err
	}
	client, err := c.env.Clients.Deployment()
	if err != nil {
		return err
	}
	d.State = newState(c.plan)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		d.State.Snapshots, err = rollout.ReadAll(ctx, client, c.plan.Deployments)
		return err
	})
	group.Go(func() error { return c.fetchTags(ctx, d.State) })
	group.Go(c.requireClean) // no answer is waited for when it is not
	return group.Wait()
}

// bumpOf returns the commits to make of what is known by now.
func (d *Deploy) bumpOf() rollout.BumpOf {
	images := d.State.images()
	return func(i int) bump.Bump {
		b := d.rollout.Bump(i, d.State.Snapshots[i], images)
		b.Check = d.rollout.Charts.Check(b.Deployment, images)
		b.Undecided = d.undecided()
		return b
	}
}

// draftAgain computes the edits again where what is known of the images by now decides what is kept.
func (d *Deploy) draftAgain(ctx context.Context) (err error) {
	if !slices.ContainsFunc(d.checker.plan.Deployments, plan.Deployment.KeepsUnchanged) {
		return nil
	}
	d.Drafts, err = d.rollout.Drafts(ctx, d.State.Snapshots, d.bumpOf())
	return err
}

// requireOrder asks every guard. Where it is not known yet what a deployment keeps, holds are left to requireUnheld.
func (d *Deploy) requireOrder(ctx context.Context) error {
	known, bumpOf := d.known(), d.bumpOf()
	for i := range d.Drafts {
		if bumpOf(i).AwaitsDigests() {
			known = knowledge{}
		}
	}
	d.judged = known
	return d.rollout.RequireAllowed(ctx, bumpOf, d.Drafts, (*gitops.Client).CheckOrder)
}

func (d *Deploy) known() knowledge { return knowledge{d.State.images(), d.undecided()} }

// PlanPrepared is Checker.PlanPrepared, and refuses images that are held: what `prepare` makes may turn out to be what was rejected.
func (d *Deploy) PlanPrepared(ctx context.Context) error {
	if err := d.checker.PlanPrepared(ctx, d.State); err != nil {
		return err
	}
	return d.requireUnheld(ctx)
}

// AddBuilt is State.AddBuilt, and refuses images that are held: what a daemon says that it has built may turn out to be what was rejected.
func (d *Deploy) AddBuilt(ctx context.Context, outcomes []Outcome) error {
	d.State.AddBuilt(outcomes)
	return d.requireUnheld(ctx)
}

// requireUnheld refuses images that are held, where more is known of them than when that was asked last.
func (d *Deploy) requireUnheld(ctx context.Context) error {
	known := d.known()
	if known.equal(d.judged) {
		return nil
	}
	d.judged = known
	if err := d.draftAgain(ctx); err != nil {
		return err
	}
	return d.rollout.RequireAllowed(ctx, d.bumpOf(), d.Drafts, (*gitops.Client).CheckHolds)
}

// undecided are the components of which `prepare` decides yet whether they are built from something new: PlanPrepared asks again once
// it has run. A dry run does not run it.
func (d *Deploy) undecided() []component.Name {
	c := d.checker
	if d.State.prepared || len(c.plan.Prepare.Run) == 0 || c.options.Rebuild || c.plan.Commit.IsDirty() {
		return nil
	}
	return plan.Components(d.State.To(plan.DoBuild))
}
