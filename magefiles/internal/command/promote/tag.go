package promote

import (
	"context"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// tag puts the environment's own tags on the images, all or none. Where the tag does not name the environment there is
// nothing to do.
func (m *promotion) tag(ctx context.Context) error {
	for i, image := range m.env.Project.Plan.Images {
		if b := m.builds[i]; image.Ref() == b.image.Ref() {
			m.env.Record.AddExisting(image, b.desc)
		}
	}
	retags := m.retags()
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

// retags are the environment's own tags.
func (m *promotion) retags() []push.Retag {
	var retags []push.Retag
	for i, image := range m.env.Project.Plan.Images {
		if b := m.builds[i]; image.Ref() != b.image.Ref() {
			retags = append(retags, push.Retag{Ref: image.Ref(), Descriptor: b.desc, Revision: b.sha})
		}
	}
	return retags
}

// requireTags refuses tags of the environment that name other images, and those that the token may not put.
func (m *promotion) requireTags(ctx context.Context) error {
	retags := m.retags()
	if len(retags) == 0 {
		return nil
	}
	if m.env.OnlyReads() {
		m.env.Console.Note("whether this may put tags and commit is not looked at: it has " + string(vars.DeployReadToken) + " only")
	}
	missing, err := m.env.Clients.Registry().CheckRetag(ctx, retags)
	if err != nil {
		return err
	}
	asked := map[imageref.Repository]bool{}
	for _, image := range m.env.Project.Plan.Images {
		if !slices.Contains(missing, image.Ref()) || asked[image.Repository] || m.env.OnlyReads() {
			continue
		}
		asked[image.Repository] = true
		if err := m.env.Clients.Registry().CheckPush(ctx, image.Repository); err != nil {
			return err
		}
	}
	return nil
}
