package promote

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// tag puts the environment's own tags on the images, all or none. Where the tag does not name the environment there is
// nothing to do.
func (m *promotion) tag(ctx context.Context) error {
	var retags []push.Retag
	for i, image := range m.env.Project.Plan.Images {
		b := m.builds[i]
		if image.Ref() == b.image.Ref() {
			m.env.Record.AddExisting(image, b.desc)
			continue
		}
		retags = append(retags, push.Retag{Ref: image.Ref(), Descriptor: b.desc, Revision: b.sha})
	}
	if len(retags) == 0 {
		return nil
	}
	ctx, stage := m.env.Stage(ctx, "tag")
	pushed, err := m.env.Clients.Registry().Retag(ctx, retags)
	if err != nil {
		stage.Fail(err)
		return err
	}
	put := 0
	for _, image := range pushed {
		if !image.Existed {
			put++
		}
		m.env.Record.AddTagged(image)
	}
	if put == 0 {
		stage.Skip("the registry has the tags")
	} else {
		stage.Done(report.Plural(put, "tag") + ", nothing sent from here")
	}
	return nil
}
