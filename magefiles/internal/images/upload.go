package images

import (
	"cmp"
	"context"
	"slices"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/ocilayout"
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// pushPlan is images by the way in which they get their tags.
type pushPlan struct {
	uploads []push.Image                 // from the layout
	retags  []push.Image                 // a daemon has pushed them
	absent  []plan.Image                 // they are not here, or not fit to be pushed
	reasons map[imageref.Reference]error // why an absent one is not pushed
}

// upload gives every image its tag, or finds that it has one. own are images that this run has built.
func (p *Publisher) upload(ctx context.Context, images []plan.Image, own bool, stage *console.Stage) ([]push.Pushed, error) {
	layout, err := ocilayout.Open(layoutDir(p.env))
	if err != nil {
		return nil, err
	}
	d := p.planPush(ctx, layout, images, own)
	done, err := p.requirePushed(ctx, d)
	if err != nil {
		return nil, err
	}
	pushed, err := p.registry.Push(ctx, layout.Store(), d.uploads, func(sent push.Progress) { stage.Progress(sent.Sent, sent.Total) })
	if err != nil {
		return nil, explainDamage(ctx, layout, d.uploads, err)
	}
	tagged, err := p.registry.Retag(ctx, d.retags)
	return slices.Concat(done, pushed, tagged), err
}

func (p *Publisher) planPush(ctx context.Context, layout *ocilayout.Layout, images []plan.Image, own bool) pushPlan {
	matcher := p.env.Clients.Matcher()
	d := pushPlan{reasons: map[imageref.Reference]error{}}
	for _, image := range images {
		desc, reason := p.findInLayout(ctx, layout, image)
		if reason != nil {
			d.absent, d.reasons[image.Ref()] = append(d.absent, image), reason
			continue
		}
		in := layoutInputs(desc)
		if ocilayout.IsRemote(desc) {
			d.retags = append(d.retags, push.Image{
				Ref: image.Ref(), Descriptor: desc, Revision: p.plan.Commit.SHA, Same: matcher.MatchInputs(ctx, image, in), Own: own,
				Records: recordsOf(p.plan.Commit, image, in.PrepareKey, in.PrepareKey), Aliases: in.Aliases(),
			})
			continue
		}
		d.uploads = append(d.uploads, push.Image{
			Ref: image.Ref(), Descriptor: desc, Revision: p.plan.Commit.SHA, Same: matcher.MatchInputs(ctx, image, in), Own: own,
			Records: recordsOf(p.plan.Commit, image, in.PrepareKey, preparedFrom(ctx, layout, desc)), Aliases: in.Aliases(),
			Sources: ocilayout.Sources(desc),
		})
	}
	return d
}

// findInLayout finds an image in the layout; the error is the reason why it cannot be pushed.
func (p *Publisher) findInLayout(ctx context.Context, layout *ocilayout.Layout, image plan.Image) (ocispec.Descriptor, error) {
	desc, ok := layout.Find(image.Ref())
	revision := commitid.ID(desc.Annotations[ocispec.AnnotationRevision])
	if !ok || revision != "" && revision != p.plan.Commit.SHA { // a tag need not name the commit
		return desc, problem.New(problem.Failed, "build them first: mage build",
			"finding %s in %s: it was not built for this commit", image.Ref(), layoutName)
	}
	if !ocilayout.IsRemote(desc) {
		if damaged, err := layout.Repair(ctx, desc, false); err != nil || len(damaged) > 0 {
			return desc, cmp.Or(err, damageError(image.Ref(), damaged, nil))
		}
	}
	return desc, nil
}

// layoutInputs returns the inputs of an image of the layout.
func layoutInputs(desc ocispec.Descriptor) inputs.Inputs {
	return inputs.Inputs{
		Fingerprint: identity.Fingerprint{Key: desc.Annotations[plan.KeyAnnotation]},
		PrepareKey:  desc.Annotations[plan.PrepareKeyAnnotation],
	}
}

// requirePushed finds absent images in the registry: another run has pushed them.
func (p *Publisher) requirePushed(ctx context.Context, d pushPlan) ([]push.Pushed, error) {
	matcher := p.env.Clients.Matcher()
	var mu sync.Mutex
	var done []push.Pushed
	err := parallel.Each(ctx, parallel.Lookups, d.absent, func(ctx context.Context, _ int, image plan.Image) error {
		desc, err := rollout.Resolve(ctx, p.registry, image)
		if err == nil && desc.Digest == "" {
			err = d.reasons[image.Ref()]
		}
		if err == nil {
			err = matcher.Ensure(ctx, image, desc)
		}
		mu.Lock()
		defer mu.Unlock()
		done = append(done, push.Pushed{Ref: image.Ref(), Digest: desc.Digest, Existed: true})
		return err
	})
	return done, err
}
