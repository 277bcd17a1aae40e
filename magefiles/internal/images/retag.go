package images

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/preflight"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// planRetags returns the retags of images that the registry has under other tags.
func (p *Publisher) planRetags(ctx context.Context, s *preflight.State) (retags []push.Image) {
	for i, d := range s.Decisions {
		if d.Do == plan.DoRetag {
			retags = append(retags, p.retagOf(ctx, p.plan.Images[i], d.Found, d.Inputs.PrepareKey))
		}
	}
	return retags
}

func (p *Publisher) retagOf(ctx context.Context, image plan.Image, found inspect.Found, prepareKey string) push.Image {
	return push.Image{
		Ref: image.Ref(), Descriptor: found.Descriptor, Revision: found.Origin.Revision, Manifest: found.Manifest,
		Same: p.env.Clients.Matcher().Match(ctx, image), Records: recordsOf(p.plan.Commit, image, prepareKey, found.Origin.PrepareKey),
	}
}

// partitionRemote tells the images that are pushed from here from those that only need tags: the daemons have pushed them by digest,
// or have found that there are such images.
func (p *Publisher) partitionRemote(
	ctx context.Context, s *preflight.State, index inputs.KeyIndex, built []buildkit.Image,
) (made Made, err error) {
	for i, image := range s.To(plan.DoBuild) {
		b, prepareKey := built[i], s.Decision(image.Component).Inputs.PrepareKey
		outcome := preflight.Outcome{Component: image.Component, Key: b.Fingerprint.Key}
		switch {
		case b.Existing:
			if outcome.Found, err = index.Require(ctx, image, b.Fingerprint.Key); err != nil {
				return Made{}, err
			}
			made.remote = append(made.remote, p.retagOf(ctx, image, outcome.Found, prepareKey))
		case b.Remote:
			made.remote = append(made.remote, push.Image{
				Ref: image.Ref(), Descriptor: b.Descriptor, Revision: p.plan.Commit.SHA, Own: true,
				Records: recordsOf(p.plan.Commit, image, prepareKey, prepareKey),
				Aliases: inputs.Inputs{Fingerprint: b.Fingerprint, PrepareKey: prepareKey}.Aliases(),
			})
		default:
			made.local = append(made.local, image)
		}
		outcome.Built = b.Descriptor.Digest // none of one that existed
		made.Outcomes = append(made.Outcomes, outcome)
	}
	return made, nil
}

// retag puts tags on images whose content the registry has.
func (p *Publisher) retag(ctx context.Context, retags []push.Image) error {
	if len(retags) == 0 {
		return nil
	}
	ctx, stage := p.env.Stage(ctx, "tag")
	tagged, err := p.registry.Retag(ctx, retags)
	if err != nil {
		stage.Fail(err)
		return err
	}
	p.published.Tagged = append(p.published.Tagged, tagged...)
	stage.Done(report.Plural(len(tagged), "image") + ", nothing sent from here")
	p.noteAll(tagged)
	return nil
}
