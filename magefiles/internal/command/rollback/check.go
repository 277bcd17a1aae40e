package rollback

import (
	"context"
	"fmt"
	"time"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/history"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// rollback is one run of the command.
type rollback struct {
	env      *cli.Env
	options  Options
	rollout  *rollout.Rollout
	at       *rollout.EnvironmentState
	target   target
	images   []bump.Image
	unseen   []unseenImage // of these
	rejected []bump.Build
	drafts   []*edit.Draft
	since    time.Time
}

func (r *rollback) check(ctx context.Context) error {
	staged, stage := r.env.Stage(ctx, "check")
	err := r.preflight(staged)
	switch {
	case err != nil:
		stage.Fail(err)
	case len(r.rejected) == 0:
		stage.Skip("the values are those already")
	default:
		stage.Done(fmt.Sprintf("back to %s", r.target.summary()))
		return r.checkCharts(ctx)
	}
	return err
}

func (r *rollback) preflight(ctx context.Context) (err error) {
	if err := r.options.validate(); err != nil {
		return err
	}
	client, err := r.env.Clients.Deployment()
	if err != nil {
		return err
	}
	if r.rollout, err = rollout.New(r.env, r.options.Force); err != nil {
		return err
	}
	states, err := rollout.ReadEnvironments(ctx, client, r.env.Project.Config, r.options.Only, r.env.Project.Environment)
	if err != nil {
		return err
	}
	r.at, r.since = states[0], time.Now().UTC().Truncate(time.Second)
	finder := targetFinder{env: r.env, client: client, at: r.at, options: r.options}
	if finder.alreadyRanHere() {
		return nil
	}
	if r.target, err = finder.find(ctx); err != nil {
		return err
	}
	r.env.Report.From = &report.From{
		Environment: r.at.Environment.Name, Repository: r.at.Snapshots[0].Repository, Commit: r.target.commit(),
	}
	replaced := r.replacedTags()
	if len(replaced) == 0 {
		return nil
	}
	if err := r.planTarget(ctx, replaced); err != nil {
		return err
	}
	if r.drafts, err = r.rollout.GuardedDrafts(ctx, r.at.Snapshots, r.bumpOf); err != nil {
		return err
	}
	return r.rollout.RequireApproved(r.options.Approved, r.drafts, r.bumpOf)
}

// replacedTags returns what is deployed somewhere and is not the target, by component.
func (r *rollback) replacedTags() map[component.Name]string {
	replaced := map[component.Name]string{}
	for n := range r.at.Deployed {
		for name, tag := range r.at.Tags(n) {
			if _, known := replaced[name]; !known && tag != r.target.tags[name] {
				replaced[name] = tag
			}
		}
	}
	return replaced
}

// planTarget makes sure of the images and computes the plan, for those components that change.
func (r *rollback) planTarget(ctx context.Context, replaced map[component.Name]string) error {
	origins, err := rollout.Origins(ctx, r.env, r.at, r.wanted(replaced))
	if err != nil {
		return err
	}
	var builds []plan.Build
	for _, image := range r.env.Project.Plan.Images {
		tag, changes := replaced[image.Component]
		if !changes {
			continue
		}
		build, err := r.planImage(ctx, origins, image)
		if err != nil {
			return err
		}
		builds = append(builds, build)
		r.rejected = append(r.rejected, r.withoutRestored(ctx, r.rejectedBuild(ctx, origins, image, tag)))
	}
	if err := r.requireSeen(); err != nil {
		return err
	}
	project := r.env.Project
	p, err := plan.Existing(project.Config, project.Commit, project.Environment, builds)
	if err == nil {
		r.env.Adopt(p)
	}
	return err
}

// planImage makes sure of the image of a component that is to come back.
func (r *rollback) planImage(ctx context.Context, origins []history.Provenance, image plan.Image) (plan.Build, error) {
	image.Tag = r.target.tags[image.Component]
	origin := history.ProvenanceOf(origins, image.Component, image.Tag)
	desc, err := r.restoredImage(ctx, origin, image)
	if err != nil {
		return plan.Build{}, err
	}
	sha, unseen := origin.SHA, r.isUnseen(image.Component)
	if !unseen {
		sha = rollout.SourceCommit(ctx, r.env.Clients.Registry(), origin, image, desc)
		r.env.Record.AddExisting(image, desc)
	}
	r.images = append(r.images, bump.Image{
		Component: image.Component, Ref: image.Ref(), Digest: desc.Digest, SHA: sha, Unseen: unseen,
	})
	return plan.Build{Component: image.Component, Tag: image.Tag, SHA: sha}, nil
}

// wanted are the builds of which the bump is looked for: those that are replaced, and those that come back.
func (r *rollback) wanted(replaced map[component.Name]string) (wanted []history.TagQuery) {
	for name, tag := range replaced {
		wanted = append(wanted,
			history.TagQuery{Component: name, Tag: tag},
			history.TagQuery{Component: name, Tag: r.target.tags[name]})
	}
	return wanted
}

// requireUnmoved refuses a tag that no longer names the digest which the restored values have beside it, or else the bump that
// deployed it has recorded: nothing tells that the other image ever ran there.
func (r *rollback) requireUnmoved(image plan.Image, origin history.Provenance, now ocispec.Descriptor) error {
	deployed := r.at.Kept(image)
	if origin.Digest != "" {
		deployed = rollout.Recorded{Digest: origin.Digest, In: origin.Commit.SHA.Short()}
	}
	if pinned := r.target.pins[image.Component].Digest; pinned != "" {
		deployed = rollout.Recorded{Digest: pinned, In: r.target.restored[0].Short()}
	}
	if deployed.Digest == "" || deployed.Digest == now.Digest {
		return nil
	}
	return rollout.MovedTag("rolling back to",
		"find out who pushed over the tag; go further back: "+r.nextLine()+"\nor name a build: -to=TAG",
		image, deployed, now)
}

func (r *rollback) bumpOf(i int) bump.Bump {
	b := r.rollout.Bump(i, r.at.Snapshots[i], r.images)
	b.Check = r.withForceHint(r.rollout.Charts.Check(b.Deployment, r.images))
	if b.Check == nil && len(b.Deployment.Checks) > 0 {
		b.Forced = []string{"charts"}
	}
	for _, u := range r.unseen {
		b.Forced = append(b.Forced, "image "+string(u.image.Component))
	}
	b.Rollback = &bump.Rollback{Restored: r.target.restored[i], Rejected: r.rejected}
	for _, build := range r.rejected {
		b.Hold = append(b.Hold, hold.Hold{
			Component: build.Component, Rejected: build.SHA, Tag: build.Tag, Digest: build.Digest, Key: build.Key,
			Until: r.env.Project.Environment.Hold.Until, Reason: b.Reason, By: r.env.Actor(), Since: r.since, Run: b.RunURL,
		})
	}
	return b
}
