package promote

import (
	"context"
	"errors"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/history"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// collectBuilds resolves what the source environment names, and holds it against what its bumps recorded.
func (m *promotion) collectBuilds(ctx context.Context) error {
	tags, err := m.from.AgreedTags(func(name component.Name, tag, other string) (bool, error) {
		return m.areOneImage(ctx, name, tag, other)
	})
	if err != nil {
		return err
	}
	var wanted []history.TagQuery
	for _, image := range m.env.Project.Plan.Images {
		image = m.sourceImage(image, tags[image.Component])
		m.builds = append(m.builds, promotedBuild{image: image})
		wanted = append(wanted, history.TagQuery{Component: image.Component, Tag: image.Tag})
	}
	if err := m.resolveAll(ctx); err != nil {
		return err
	}
	origins, err := rollout.Origins(ctx, m.env, m.from, wanted)
	if err != nil {
		return err
	}
	var errs []error
	for i := range m.builds {
		errs = append(errs, m.traceBuild(ctx, &m.builds[i], origins[i]))
	}
	return errors.Join(errs...)
}

// traceBuild finds the commit that a build is of, and refuses it where its tag has been moved since it was deployed.
func (m *promotion) traceBuild(ctx context.Context, b *promotedBuild, origin history.Provenance) error {
	recorded := m.from.Recorded(b.image, origin)
	if len(recorded) == 0 {
		rollout.NoteNoProvenance(m.env, origin, m.from.Environment.Name)
	}
	for _, r := range recorded {
		if r.Digest != b.desc.Digest {
			return rollout.MovedTag("promoting", testedAgain, b.image, r, b.desc)
		}
	}
	b.sha = rollout.SourceCommit(ctx, m.env.Clients.Registry(), origin, b.image, b.desc)
	if kept, ok := m.from.Snapshots[0].KeptAs(b.image.Component, b.image.Tag); ok {
		b.sha = kept.Source
	}
	return nil
}

const testedAgain = "find out who pushed over the tag; deploy a build that was tested, then promote that"

// areOneImage reports whether the registry has one image under two tags of a component.
func (m *promotion) areOneImage(ctx context.Context, name component.Name, tag, other string) (bool, error) {
	images := m.env.Project.Plan.Images
	image := images[slices.IndexFunc(images, func(image plan.Image) bool { return image.Component == name })]
	image = m.sourceImage(image, tag)
	desc, err := rollout.Resolve(ctx, m.env.Clients.Registry(), image)
	if err != nil {
		return false, err
	}
	image.Tag = other
	others, err := rollout.Resolve(ctx, m.env.Clients.Registry(), image)
	return desc.Digest != "" && desc.Digest == others.Digest, err
}

func (m *promotion) resolveAll(ctx context.Context) error {
	if err := parallel.Each(ctx, parallel.Lookups, m.builds, func(ctx context.Context, i int, b promotedBuild) (err error) {
		m.builds[i].desc, err = rollout.Resolve(ctx, m.env.Clients.Registry(), b.image)
		return err
	}); err != nil {
		return err
	}
	var missing []plan.Image
	for _, b := range m.builds {
		if b.desc.Digest == "" {
			missing = append(missing, b.image)
		}
	}
	return rollout.RequireInRegistry(missing, "release a build of it to "+m.from.Environment.Name+" again, then promote that")
}

// sourceImage is a component's image under a tag, as the environment that is promoted from names it: in its repository.
func (m *promotion) sourceImage(image plan.Image, tag string) plan.Image {
	image.Tag = tag
	if component, ok := m.env.Project.Config.Component(image.Component); ok {
		image.Repository = m.env.Project.Config.Repository(m.from.Environment.Name, component)
	}
	return image
}
