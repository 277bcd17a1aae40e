package release

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
)

// retags are the images that the registry has under other tags.
func (now *state) retags(same sameness, images []plan.Image) []registry.Retag {
	var retags []registry.Retag
	for i, d := range now.decisions {
		if d.Do == plan.DoRetag {
			retags = append(retags, retagOf(same, images[i], d.found))
		}
	}
	return retags
}

func retagOf(same sameness, image plan.Image, found registry.Found) registry.Retag {
	return registry.Retag{
		Ref: image.Ref(), Descriptor: found.Descriptor, Revision: found.Origin.Revision, Manifest: found.Manifest, Same: same.of(image),
	}
}

// published finds images of which a daemon tells the key only when it is asked to build them.
type published struct {
	index  keyIndex
	images map[string]registry.Found // by component
}

// existing is build.Options.Existing.
func (p *published) existing() func(context.Context, plan.Image, identity.Fingerprint) (bool, error) {
	if p == nil { // what is built is wanted here
		return nil
	}
	return func(ctx context.Context, image plan.Image, f identity.Fingerprint) (bool, error) {
		_, why, err := p.index.byKey(ctx, image.Repository, f.Key)
		return err == nil && why == "", err
	}
}

// split tells the images that are pushed from here from those that only need tags: the daemons have pushed them by digest, or
// have found that there are such images.
func (s *session) split(ctx context.Context, same sameness, p *published, images []plan.Image, built []build.Image) (
	local []plan.Image, remote []registry.Retag, err error,
) {
	all, err := s.keysOf().of(ctx, images)
	if err != nil {
		return nil, nil, err
	}
	for i, image := range images {
		switch b := built[i]; {
		case b.Existing:
			found, _, err := p.index.byKey(ctx, image.Repository, b.Fingerprint.Key)
			if err != nil {
				return nil, nil, err
			}
			p.images[image.Component] = found
			remote = append(remote, retagOf(same, image, found))
		case b.Remote:
			remote = append(remote, registry.Retag{
				Ref: image.Ref(), Descriptor: b.Descriptor, Revision: s.plan.Commit.SHA, Same: same.of(image),
				Aliases: made{Fingerprint: b.Fingerprint, prepareKey: all[image.Component].prepareKey}.aliases(),
			})
		default:
			local = append(local, image)
		}
	}
	return local, remote, nil
}

// retag puts tags on images whose content the registry has.
func (s *session) retag(ctx context.Context, retags []registry.Retag) error {
	if len(retags) == 0 {
		return nil
	}
	ctx, stage := s.stage(ctx, "tag")
	tagged, err := s.registry().Retag(ctx, retags)
	if err != nil {
		stage.Fail(err)
		return err
	}
	for _, image := range tagged {
		s.recordTagged(image)
	}
	stage.Done(count(len(tagged), "image") + ", nothing sent from here")
	s.notice(tagged)
	return nil
}
