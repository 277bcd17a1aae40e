package release

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
)

// tag puts the environment's own tags on the images, all or none. Where the tag does not name the environment there is
// nothing to do.
func (m *promotion) tag(ctx context.Context) error {
	var retags []push.Retag
	for i, image := range m.plan.Images {
		b := m.builds[i]
		if image.Ref() == b.image.Ref() {
			m.recordPublished(image, b.desc)
			continue
		}
		retags = append(retags, push.Retag{Ref: image.Ref(), Descriptor: b.desc, Revision: b.sha})
	}
	if len(retags) == 0 {
		return nil
	}
	ctx, stage := m.stage(ctx, "tag")
	pushed, err := m.registry().Retag(ctx, retags)
	if err != nil {
		stage.Fail(err)
		return err
	}
	put := 0
	for _, image := range pushed {
		if !image.Existed {
			put++
		}
		m.recordTagged(image)
	}
	if put == 0 {
		stage.Skip("the registry has the tags")
	} else {
		stage.Done(count(put, "tag") + ", nothing sent from here")
	}
	return nil
}
