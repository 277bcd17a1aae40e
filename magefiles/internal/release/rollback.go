package release

import (
	"context"
	"fmt"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Rollback deploys what an environment had before, and holds what it replaces.
func Rollback(ctx context.Context, p Process, o Options) error {
	return onExisting(report.CommandRollback, func(ctx context.Context, e *existing) error {
		r := &rollback{existing: e}
		if err := r.check(ctx); err != nil {
			return err
		}
		switch {
		case len(r.rejected) == 0:
			e.report.Outcome, e.report.DryRun = report.NothingToDo, o.DryRun
		case o.DryRun:
			return r.dryRun(r.drafts)
		default:
			if err := r.deploy(ctx); err != nil {
				return err
			}
		}
		if o.DryRun {
			return nil
		}
		return e.await(ctx)
	})(ctx, p, o)
}

// rollback is one Rollback under way.
type rollback struct {
	*existing
	at       *place
	target   map[string]string     // tags by component
	pins     map[string]plan.Named // of the target, where its values have digests
	restored []string              // by deployment: the commit that had the target; "" where its history has none
	images   []deployment.Image
	unseen   []unseen // of these
	rejected []deployment.Build
	drafts   []*deployment.Draft
	since    time.Time
}

func (r *rollback) check(ctx context.Context) error {
	staged, stage := r.stage(ctx, "check")
	err := r.preflight(staged)
	switch {
	case err != nil:
		stage.Fail(err)
	case len(r.rejected) == 0:
		stage.Skip("the values are those already")
	default:
		stage.Done(fmt.Sprintf("back to %s", r.describe()))
		return r.charts(ctx)
	}
	return err
}

// deploy makes the commits. Run again after one of them, the same command would go back once more; what it says to run
// instead does not.
func (r *rollback) deploy(ctx context.Context) error {
	r.again = r.thereAgain()
	r.beginAt(ctx, r.images)
	if _, err := r.commitAll(ctx, r.bumpOf); err != nil {
		return err
	}
	r.recordHolds()
	r.sayHeld()
	r.warnProposed()
	return nil
}

func (r *rollback) preflight(ctx context.Context) error {
	if err := r.checkFlags(); err != nil {
		return err
	}
	places, err := r.look(ctx, r.environment)
	if err != nil {
		return err
	}
	r.at, r.since = places[0], time.Now().UTC().Truncate(time.Second)
	if r.ranBefore() {
		return nil
	}
	if err := r.find(ctx); err != nil {
		return err
	}
	replaced := r.replaced()
	if len(replaced) == 0 {
		return nil
	}
	if err := r.plans(ctx, replaced); err != nil {
		return err
	}
	r.drafts, err = r.guard(ctx, r.at.snapshots, r.bumpOf)
	return err
}

func (r *rollback) checkFlags() error {
	switch {
	case r.options.To != "" && r.options.Steps != 0:
		return problem.New(problem.Usage, "give one of them", "choosing where to roll back to: -to and -steps exclude each other")
	case r.options.Steps < 0:
		return problem.New(problem.Usage, "give a number from 1", "choosing where to roll back to: -steps=%d", r.options.Steps)
	}
	return r.checkTimeout()
}

// replaced gives what is deployed somewhere and is not the target, by component.
func (r *rollback) replaced() map[string]string {
	replaced := map[string]string{}
	for _, tags := range r.at.tags {
		for component, tag := range tags {
			if _, known := replaced[component]; !known && tag != r.target[component] {
				replaced[component] = tag
			}
		}
	}
	return replaced
}

// further is the command for the state before the one that was to come back.
func (r *rollback) further() string {
	o := r.options
	o.Environment, o.To, o.Steps = r.environment.Name, "", max(1, r.options.Steps)+1
	return commandLine(report.CommandRollback, o)
}

// plans makes sure of the images and computes the edits, for those components that change.
func (r *rollback) plans(ctx context.Context, replaced map[string]string) error {
	origins, err := r.origins(ctx, r.at, r.wanted(replaced))
	if err != nil {
		return err
	}
	var builds []plan.Build
	for _, image := range r.plan.Images {
		tag, changes := replaced[image.Component]
		if !changes {
			continue
		}
		image.Tag = r.target[image.Component]
		origin := deployment.OriginOf(origins, image.Component, image.Tag)
		desc, err := r.restoredImage(ctx, origin, image)
		if err != nil {
			return err
		}
		sha := origin.SHA
		if !r.isUnseen(image.Component) {
			sha = r.commitOf(ctx, origin, image, desc)
			r.recordPublished(image, desc)
		}
		builds = append(builds, plan.Build{Component: image.Component, Tag: image.Tag, SHA: sha})
		r.images = append(r.images, deployment.Image{
			Component: image.Component, Ref: image.Ref(), Digest: desc.Digest.String(), SHA: sha, Unseen: r.isUnseen(image.Component),
		})
		r.rejected = append(r.rejected, r.withoutRestored(ctx, r.rejectedBuild(ctx, origins, image, tag)))
	}
	if err := r.requireSeen(); err != nil {
		return err
	}
	p, err := plan.Existing(r.config, r.commit, r.environment, builds)
	if err == nil {
		r.adopt(p)
	}
	return err
}

// wanted are the builds of which the bump is looked for: those that are replaced, and those that come back.
func (r *rollback) wanted(replaced map[string]string) (wanted []deployment.Wanted) {
	for component, tag := range replaced {
		wanted = append(wanted, deployment.Wanted{Component: component, Tag: tag}, deployment.Wanted{Component: component, Tag: r.target[component]})
	}
	return wanted
}

// requireSame refuses a tag that no longer names the digest which the restored values have beside it, or else the bump that
// deployed it has recorded: nobody has seen the other image run there.
func (r *rollback) requireSame(image plan.Image, origin deployment.Origin, now ocispec.Descriptor) error {
	deployed, in := r.pins[image.Component].Digest, r.restored[0]
	if deployed == "" {
		deployed, in = origin.Digest, origin.Commit.SHA
	}
	if deployed == "" || deployed == now.Digest.String() {
		return nil
	}
	return movedTag("rolling back to", "find out who pushed over the tag; go further back: "+r.further()+"\nor name a build: -to=TAG",
		image, deployed, fmt.Sprintf("%.8s", in), now)
}

func (r *rollback) bumpOf(i int) deployment.Bump {
	b := r.newBump(i, r.at.snapshots[i])
	b.Images, b.Check = r.images, r.forceful(r.chartCheck(b.Deployment, r.images))
	if b.Check == nil && len(b.Deployment.Checks) > 0 {
		b.Forced = []string{"charts"}
	}
	for _, u := range r.unseen {
		b.Forced = append(b.Forced, "image "+u.image.Component)
	}
	b.Rollback = &deployment.Rollback{Restored: r.restored[i], Rejected: r.rejected}
	for _, build := range r.rejected {
		b.Hold = append(b.Hold, deployment.Hold{
			Component: build.Component, Rejected: build.SHA, Tag: build.Tag, Digest: build.Digest, Key: build.Key, Until: r.environment.Hold.Until,
			Reason: b.Reason, By: r.person(), Since: r.since, Run: b.RunURL,
		})
	}
	return b
}
