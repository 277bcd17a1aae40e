package images

import (
	"context"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/preflight"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/runreport"
)

// Publisher brings the images of one run into the registry.
type Publisher struct {
	env      *cli.Env
	plan     *plan.Plan
	registry *registry.Client
	keys     *inputs.Keys
	guard    inputs.Guard

	published runreport.Published // so far
}

// NewPublisher returns the publisher of a run.
func NewPublisher(env *cli.Env) *Publisher {
	c := env.Clients
	return &Publisher{env: env, plan: env.Project.Plan, registry: c.Registry(), keys: c.Keys(), guard: c.Guard()}
}

// Publish runs `prepare`, builds and pushes what the registry lacks, and then tags what it has under other names: all content is
// there before the first tag is put. allowed is asked once `prepare` has run, and again once what was built is known. What was
// published is returned also where something fails.
func (p *Publisher) Publish(
	ctx context.Context, c *preflight.Checker, s *preflight.State, b *Builder, allowed func(context.Context) error,
) (runreport.Published, error) {
	err := p.publish(ctx, c, s, b, allowed)
	return p.published, err
}

func (p *Publisher) publish(
	ctx context.Context, c *preflight.Checker, s *preflight.State, b *Builder, allowed func(context.Context) error,
) error {
	if err := p.prepareMissing(ctx, c, s); err != nil {
		return err
	}
	if err := allowed(ctx); err != nil {
		return err
	}
	retags, err := p.planRetags(ctx, s)
	if err != nil {
		return err
	}
	missing := s.To(plan.DoBuild)
	if len(retags) > 0 && len(missing) == 0 { // else all is looked at after the build
		if err := p.guard.RequireUnchanged(ctx, "push"); err != nil {
			return err
		}
	}
	if len(missing) > 0 {
		if s.Snapshots != nil {
			defer p.fetchPreviousSizes(ctx, s)()
		}
		remote, err := p.publishMissing(ctx, s, missing, b, allowed)
		if err != nil {
			return err
		}
		retags = append(retags, remote...)
	}
	if err := p.retag(ctx, retags); err != nil {
		return err
	}
	return p.keepTrees(ctx, s.To(plan.DoBuild))
}

// prepareMissing runs `prepare` where something is to be built.
func (p *Publisher) prepareMissing(ctx context.Context, c *preflight.Checker, s *preflight.State) error {
	if len(s.To(plan.DoBuild)) == 0 || len(p.plan.Prepare.Run) == 0 {
		return nil
	}
	if err := Prepare(ctx, p.env); err != nil {
		return err
	}
	if err := p.guard.RequireUnchanged(ctx, "push"); err != nil { // of tracked files, too
		return err
	}
	return c.PlanPrepared(ctx, s)
}

// publishMissing builds images and pushes those that came here; it returns the retags of those that the registry has by digest.
func (p *Publisher) publishMissing(
	ctx context.Context, s *preflight.State, missing []plan.Image, b *Builder, allowed func(context.Context) error,
) ([]push.Retag, error) {
	index := inputs.NewKeyIndex(p.registry)
	built, err := p.buildClean(ctx, missing, b, &index)
	if err != nil {
		return nil, err
	}
	local, remote, err := p.partitionRemote(ctx, s, index, built)
	if err != nil {
		return nil, err
	}
	if err := allowed(ctx); err != nil {
		return nil, err
	}
	return remote, p.push(ctx, local, true)
}

// buildClean builds images that are the commit's for certain.
func (p *Publisher) buildClean(ctx context.Context, images []plan.Image, b *Builder, index *inputs.KeyIndex) ([]buildkit.Image, error) {
	built, err := b.Build(ctx, images, index)
	p.published.Built = built
	if err == nil {
		err = p.guard.RequireUnchanged(ctx, "push")
	}
	return built.Images, err
}

// Push uploads the images from .astrago/images, then sets their tags.
func (p *Publisher) Push(ctx context.Context, images []plan.Image) (runreport.Published, error) {
	err := p.push(ctx, images, false)
	return p.published, err
}

// push is Push; own are images that this run has built.
func (p *Publisher) push(ctx context.Context, images []plan.Image, own bool) error {
	if len(images) == 0 {
		return nil
	}
	ctx, stage := p.env.Stage(ctx, "push")
	pushed, err := p.upload(ctx, images, own, stage)
	if err != nil {
		stage.Fail(err)
		return err
	}
	var sent int64
	for _, image := range pushed {
		sent += image.Uploaded
	}
	p.published.Pushed = append(p.published.Pushed, pushed...)
	stage.Done(report.Plural(len(pushed), "image") + ", " + report.Size(sent) + " sent")
	p.noteAll(pushed)
	fresh := slices.DeleteFunc(slices.Clone(images), func(image plan.Image) bool {
		return !slices.ContainsFunc(pushed, func(p push.Pushed) bool { return p.Ref == image.Ref() && !p.Existed })
	})
	return p.keepTrees(ctx, fresh)
}

// noteAll says what people should know of images that are in the registry.
func (p *Publisher) noteAll(pushed []push.Pushed) {
	for _, image := range pushed {
		for _, text := range image.Notices {
			p.env.Console.Note("notice: " + componentByRef(p.plan, image.Ref) + ": " + text)
		}
	}
}

// componentByRef returns the component that a plan has a reference for.
func componentByRef(p *plan.Plan, ref imageref.Reference) string {
	i := slices.IndexFunc(p.Images, func(image plan.Image) bool { return image.Ref() == ref })
	if i < 0 {
		return ""
	}
	return p.Images[i].Component
}
