package release

import (
	"cmp"
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
)

// retags are the images that the registry has under other tags.
func (s *session) retags(ctx context.Context, now *state) ([]push.Retag, error) {
	all, err := s.keysOf().of(ctx, now.to(plan.DoRetag, s.plan.Images))
	if err != nil {
		return nil, err
	}
	var retags []push.Retag
	for i, d := range now.decisions {
		if image := s.plan.Images[i]; d.Do == plan.DoRetag {
			retags = append(retags, s.retagOf(ctx, image, d.found, all[image.Component].prepareKey))
		}
	}
	return retags, nil
}

func (s *session) retagOf(ctx context.Context, image plan.Image, found inspect.Found, prepareKey string) push.Retag {
	return push.Retag{
		Ref: image.Ref(), Descriptor: found.Descriptor, Revision: found.Origin.Revision, Manifest: found.Manifest,
		Same: s.sameness(ctx).of(image), Records: recordsOf(s.plan.Commit, image, prepareKey, found.Origin.PrepareKey),
	}
}

// existing is build.Options.Existing: it finds images of which a daemon tells the key only when it is asked to build them.
func (x *keyIndex) existing() func(context.Context, plan.Image, identity.Fingerprint) (bool, error) {
	if x == nil { // what is built is wanted here
		return nil
	}
	return func(ctx context.Context, image plan.Image, f identity.Fingerprint) (bool, error) {
		_, why, err := x.byKey(ctx, image.Repository, f.Key)
		return err == nil && why == "", err
	}
}

// split tells the images that are pushed from here from those that only need tags: the daemons have pushed them by digest, or
// have found that there are such images. What is known of each by now goes into the decisions.
func (s *session) split(ctx context.Context, now *state, index keyIndex, built []build.Image) (local []plan.Image, remote []push.Retag, err error) {
	images := now.to(plan.DoBuild, s.plan.Images)
	all, err := s.keysOf().of(ctx, images)
	if err != nil {
		return nil, nil, err
	}
	for i, image := range images {
		b, d, prepareKey := built[i], now.decisionOf(image.Component), all[image.Component].prepareKey
		d.key = cmp.Or(b.Fingerprint.Key, d.key)
		if b.Existing {
			if d.found, err = index.require(ctx, image, b.Fingerprint.Key); err != nil {
				return nil, nil, err
			}
			remote = append(remote, s.retagOf(ctx, image, d.found, prepareKey))
			continue
		}
		d.built = b.Descriptor.Digest
		if !b.Remote {
			local = append(local, image)
			continue
		}
		remote = append(remote, push.Retag{
			Ref: image.Ref(), Descriptor: b.Descriptor, Revision: s.plan.Commit.SHA, Own: true,
			Records: recordsOf(s.plan.Commit, image, prepareKey, prepareKey),
			Aliases: made{Fingerprint: b.Fingerprint, prepareKey: prepareKey}.aliases(),
		})
	}
	return local, remote, nil
}

// retag puts tags on images whose content the registry has.
func (s *session) retag(ctx context.Context, retags []push.Retag) error {
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
