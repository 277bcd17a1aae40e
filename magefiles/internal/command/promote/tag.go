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
	copies := m.copies()
	if len(copies) == 0 {
		return nil
	}
	ctx, stage := m.env.Stage(ctx, "tag")
	pushed, err := m.env.Clients.Registry().Copy(ctx, copies, func(sent push.Progress) { stage.Progress(sent.Sent, sent.Total) })
	if err != nil {
		stage.Fail(err)
		return err
	}
	put, sent := 0, int64(0)
	for _, image := range pushed {
		sent += image.Uploaded
		for _, notice := range image.Notices {
			m.env.Console.Note(notice)
		}
		if !image.Existed {
			put++
		}
		m.env.Record.AddTagged(image)
	}
	switch {
	case put == 0:
		stage.Skip("the registry has the tags")
	case sent == 0:
		stage.Done(report.Plural(put, "tag") + ", nothing sent from here")
	default:
		stage.Done(report.Plural(put, "tag") + ", " + report.Size(sent) + " copied")
	}
	return nil
}

// copies are the environment's own tags.
func (m *promotion) copies() []push.Copy {
	var copies []push.Copy
	for i, image := range m.env.Project.Plan.Images {
		if b := m.builds[i]; image.Ref() != b.image.Ref() {
			tagged := push.Image{Ref: image.Ref(), Descriptor: b.desc, Revision: b.sha}
			copies = append(copies, push.Copy{Image: tagged, From: b.image.Repository})
		}
	}
	return copies
}

// requireTags refuses tags of the environment that name other images, and those that the token may not put.
func (m *promotion) requireTags(ctx context.Context) error {
	var retags []push.Image
	for _, image := range m.copies() {
		retags = append(retags, image.Image)
	}
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
