package images

import (
	"context"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
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

// Published returns what was brought into the registry so far.
func (p *Publisher) Published() runreport.Published { return p.published }

// Prepare runs `prepare` where something is to be built.
func (p *Publisher) Prepare(ctx context.Context, s *preflight.State) error {
	if len(s.To(plan.DoBuild)) == 0 || len(p.plan.Prepare.Run) == 0 {
		return nil
	}
	if err := Prepare(ctx, p.env); err != nil {
		return err
	}
	return p.guard.RequireUnchanged(ctx, "push") // of tracked files, too
}

// Made holds a build's images while none of them has its tag.
type Made struct {
	Outcomes []preflight.Outcome

	local  []plan.Image // in .astrago/images
	remote []push.Image // the registry has them by digest
}

// Build builds what is to be built. All of it is the commit's for certain.
func (p *Publisher) Build(ctx context.Context, s *preflight.State, b *Builder) (Made, error) {
	missing := s.To(plan.DoBuild)
	if len(missing) == 0 {
		return Made{}, nil
	}
	if s.Snapshots != nil {
		defer p.fetchPreviousSizes(ctx, s)()
	}
	index := inputs.NewKeyIndex(p.registry)
	built, err := b.Build(ctx, missing, &index)
	p.published.Built = built
	if err != nil {
		return Made{}, err
	}
	if err := p.guard.RequireUnchanged(ctx, "push"); err != nil {
		return Made{}, err
	}
	return p.partitionRemote(ctx, s, index, built.Images)
}

// Publish pushes what was made here, and then tags what the registry has under other names: all content is there before the first tag is
// put.
func (p *Publisher) Publish(ctx context.Context, s *preflight.State, made Made) error {
	retags := p.planRetags(ctx, s)
	if len(retags) > 0 && len(made.Outcomes) == 0 { // else all was looked at after the build
		if err := p.guard.RequireUnchanged(ctx, "push"); err != nil {
			return err
		}
	}
	if err := p.push(ctx, made.local, true); err != nil {
		return err
	}
	if err := p.retag(ctx, append(retags, made.remote...)); err != nil {
		return err
	}
	all := map[component.Name]inputs.Inputs{}
	for _, d := range s.Decisions {
		all[d.Component] = d.Inputs
	}
	return p.keepTrees(ctx, s.To(plan.DoBuild), all)
}

// Push uploads the images from .astrago/images, then sets their tags.
func (p *Publisher) Push(ctx context.Context, images []plan.Image) (runreport.Published, error) {
	if err := p.push(ctx, images, false); err != nil {
		return p.published, err
	}
	fresh := slices.DeleteFunc(slices.Clone(images), func(image plan.Image) bool {
		return !slices.ContainsFunc(p.published.Pushed, func(p push.Pushed) bool { return p.Ref == image.Ref() && !p.Existed })
	})
	all, err := p.keys.Of(ctx, fresh)
	if err == nil {
		err = p.keepTrees(ctx, fresh, all)
	}
	return p.published, err
}

// push uploads images, which this run has built where they are its own, and sets their tags.
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
	return nil
}

// noteAll says what people should know of images that are in the registry.
func (p *Publisher) noteAll(pushed []push.Pushed) {
	for _, image := range pushed {
		for _, text := range image.Notices {
			p.env.Console.Note("notice: " + string(componentByRef(p.plan, image.Ref)) + ": " + text)
		}
	}
}

// componentByRef returns the component that a plan has a reference for.
func componentByRef(p *plan.Plan, ref imageref.Reference) component.Name {
	i := slices.IndexFunc(p.Images, func(image plan.Image) bool { return image.Ref() == ref })
	if i < 0 {
		return ""
	}
	return p.Images[i].Component
}
