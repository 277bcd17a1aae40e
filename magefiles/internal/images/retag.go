package images

import (
	"cmp"
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
func (p *Publisher) planRetags(ctx context.Context, s *preflight.State) ([]push.Retag, error) {
	all, err := p.keys.Of(ctx, s.To(plan.DoRetag))
	if err != nil {
		return nil, err
	}
	var retags []push.Retag
	for i, d := range s.Decisions {
		if image := p.plan.Images[i]; d.Do == plan.DoRetag {
			retags = append(retags, p.retagOf(ctx, image, d.Found, all[image.Component].PrepareKey))
		}
	}
	return retags, nil
}

func (p *Publisher) retagOf(ctx context.Context, image plan.Image, found inspect.Found, prepareKey string) push.Retag {
	return push.Retag{
		Ref: image.Ref(), Descriptor: found.Descriptor, Revision: found.Origin.Revision, Manifest: found.Manifest,
		Same: p.env.Clients.Matcher().Match(ctx, image), Records: recordsOf(p.plan.Commit, image, prepareKey, found.Origin.PrepareKey),
	}
}

// partitionRemote tells the images that are pushed from here from those that only need tags: the daemons have pushed them by digest,
// or have found that there are such images. What is known of each by now goes into the decisions.
func (p *Publisher) partitionRemote(
	ctx context.Context, s *preflight.State, index inputs.KeyIndex, built []buildkit.Image,
) (local []plan.Image, remote []push.Retag, err error) {
	images := s.To(plan.DoBuild)
	all, err := p.keys.Of(ctx, images)
	if err != nil {
		return nil, nil, err
	}
	for i, image := range images {
		b, d, prepareKey := built[i], s.Decision(image.Component), all[image.Component].PrepareKey
		d.Key = cmp.Or(b.Fingerprint.Key, d.Key)
		if b.Existing {
			if d.Found, err = index.Require(ctx, image, b.Fingerprint.Key); err != nil {
				return nil, nil, err
			}
			remote = append(remote, p.retagOf(ctx, image, d.Found, prepareKey))
			continue
		}
		d.Built = b.Descriptor.Digest
		if !b.Remote {
			local = append(local, image)
			continue
		}
		remote = append(remote, push.Retag{
			Ref: image.Ref(), Descriptor: b.Descriptor, Revision: p.plan.Commit.SHA, Own: true,
			Records: recordsOf(p.plan.Commit, image, prepareKey, prepareKey),
			Aliases: inputs.Inputs{Fingerprint: b.Fingerprint, PrepareKey: prepareKey}.Aliases(),
		})
	}
	return local, remote, nil
}

// retag puts tags on images whose content the registry has.
func (p *Publisher) retag(ctx context.Context, retags []push.Retag) error {
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
