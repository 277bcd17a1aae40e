package release

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
)

// retags are the images that the registry has under other tags.
func (now *state) retags(same sameness, images []plan.Image) []registry.Retag {
	var retags []registry.Retag
	for i, d := range now.decisions {
		if d.Do == plan.DoRetag {
			retags = append(retags, registry.Retag{
				Ref: images[i].Ref(), Descriptor: d.found.Descriptor, Revision: d.found.Origin.Revision, Manifest: d.found.Manifest, Same: same.of(images[i]),
			})
		}
	}
	return retags
}

// split tells the images that are pushed from here from those that the daemons have pushed by digest, and only need tags.
func (s *session) split(same sameness, images []plan.Image, built []build.Image, sums map[string]summed) (local []plan.Image, remote []registry.Retag) {
	for i, image := range images {
		if !built[i].Remote {
			local = append(local, image)
			continue
		}
		retag := registry.Retag{Ref: image.Ref(), Descriptor: built[i].Descriptor, Revision: s.plan.Commit.SHA, Same: same.of(image)}
		if digest := sums[image.Component].digest; digest != "" {
			retag.Aliases = []string{plan.InputsTag(digest)}
		}
		remote = append(remote, retag)
	}
	return local, remote
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
