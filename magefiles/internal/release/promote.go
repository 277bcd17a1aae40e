package release

import (
	"context"
	"errors"
	"fmt"
	"slices"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// Promote deploys to one environment what another one has: the same images, under the tags that they have there. Nothing is
// built or transferred. Killed anywhere, it finishes when it is run again.
func Promote(ctx context.Context, p Process, o Options) error {
	return onExisting(report.CommandPromote, func(ctx context.Context, e *existing) error {
		m := &promotion{existing: e}
		if err := m.check(ctx); err != nil {
			return err
		}
		if !o.DryRun {
			e.beginAt(ctx, m.images())
		}
		if err := m.checkArgoCD(ctx, changes(m.drafts)); err != nil {
			return err
		}
		if o.DryRun {
			return m.dryRun(m.drafts)
		}
		if err := m.tag(ctx); err != nil {
			return err
		}
		upToDate, err := e.commitAll(ctx, m.bumpOf)
		if err != nil {
			return err
		}
		if upToDate {
			e.report.Outcome = report.NothingToDo
		}
		return e.await(ctx)
	})(ctx, p, o)
}

// promotion is one Promote under way.
type promotion struct {
	*existing
	from, to *place
	builds   []promotedBuild // in the order of the plan's images
	drafts   []*deployment.Draft
}

// promotedBuild is an image on its way from one environment to another.
type promotedBuild struct {
	image plan.Image // as the source environment names it
	desc  ocispec.Descriptor
	sha   string
}

// check looks at everything that can refuse the promotion before anything is tagged.
func (m *promotion) check(ctx context.Context) error {
	staged, stage := m.stage(ctx, "check")
	err := m.preflight(staged)
	if err != nil {
		stage.Fail(err)
		return err
	}
	stage.Done(fmt.Sprintf("%s of %s at %.8s", count(len(m.builds), "image"), m.from.environment.Name, m.from.snapshots[0].Head))
	return m.checkCharts(ctx, m.drafts, m.images())
}

func (m *promotion) preflight(ctx context.Context) error {
	if err := m.checkTimeout(); err != nil {
		return err
	}
	source, err := m.config.Source(m.environment, m.options.From)
	if err != nil {
		return err
	}
	places, err := m.look(ctx, source, m.environment)
	if err != nil {
		return err
	}
	m.from, m.to = places[0], places[1]
	snapshot := m.from.snapshots[0]
	m.report.From = &report.From{Environment: source.Name, Repository: snapshot.Repository, Commit: snapshot.Head}
	if err := m.collect(ctx); err != nil {
		return err
	}
	builds := make([]plan.Build, len(m.builds))
	for i, b := range m.builds {
		builds[i] = plan.Build{Component: b.image.Component, SHA: b.sha}
	}
	p, err := plan.Existing(m.config, m.commit, m.environment, builds)
	if err != nil {
		return err
	}
	m.adopt(p)
	m.report.Commit = m.source()
	m.drafts, err = m.guard(ctx, m.to.snapshots, m.bumpOf)
	return err
}

// source is the commit that all images were built from; zero where they are of several.
func (m *promotion) source() report.Commit {
	sha := m.builds[0].sha
	if slices.ContainsFunc(m.builds, func(b promotedBuild) bool { return b.sha != sha }) {
		sha = ""
	}
	return report.NewCommit(source.Commit{SHA: sha, URL: m.commit.URL})
}

// collect resolves what the source environment names, and holds it against what its bumps recorded.
func (m *promotion) collect(ctx context.Context) error {
	tags, err := m.from.common(func(component, tag, other string) (bool, error) { return m.areOneImage(ctx, component, tag, other) })
	if err != nil {
		return err
	}
	var wanted []deployment.Wanted
	for _, image := range m.plan.Images {
		image.Tag = tags[image.Component]
		m.builds = append(m.builds, promotedBuild{image: image})
		wanted = append(wanted, deployment.Wanted{Component: image.Component, Tag: image.Tag})
	}
	if err := m.resolveAll(ctx); err != nil {
		return err
	}
	origins, err := m.origins(ctx, m.from, wanted)
	if err != nil {
		return err
	}
	var errs []error
	for i := range m.builds {
		b, origin := &m.builds[i], origins[i]
		pinned := m.from.digest(b.image.Component)
		if pinned != "" && pinned != b.desc.Digest.String() {
			errs = append(errs, movedTag("promoting", retested, b.image, pinned, m.from.where(0), b.desc))
			continue
		}
		if origin.Digest == "" && pinned == "" {
			m.unrecorded(origin, m.from.environment.Name)
		}
		if origin.Digest != "" && origin.Digest != b.desc.Digest.String() {
			errs = append(errs, movedTag("promoting", retested, b.image, origin.Digest, fmt.Sprintf("%.8s", origin.Commit.SHA), b.desc))
		}
		b.sha = m.commitOf(ctx, origin, b.image, b.desc)
		if kept, ok := m.from.snapshots[0].KeptAs(b.image.Component, b.image.Tag); ok && kept.Digest == b.desc.Digest.String() {
			b.sha = kept.Source
		}
	}
	return errors.Join(errs...)
}

// areOneImage reports whether the registry has one image under two tags of a component.
func (m *promotion) areOneImage(ctx context.Context, component, tag, other string) (bool, error) {
	i := slices.IndexFunc(m.plan.Images, func(image plan.Image) bool { return image.Component == component })
	image := m.plan.Images[i]
	image.Tag = tag
	desc, err := m.resolve(ctx, image)
	if err != nil {
		return false, err
	}
	image.Tag = other
	others, err := m.resolve(ctx, image)
	return desc.Digest != "" && desc.Digest == others.Digest, err
}

const retested = "find out who pushed over the tag; deploy a build that was tested, then promote that"

// movedTag refuses an image whose tag names another one now than when it was deployed.
func movedTag(doing, remedy string, image plan.Image, deployed, in string, now ocispec.Descriptor) error {
	return problem.New(problem.Refused, remedy,
		"%s %s: the tag names another image than the one that was deployed\n  deployed         %s in %s\n  in the registry  %s",
		doing, image.Ref(), deployed, in, now.Digest)
}

func (m *promotion) resolveAll(ctx context.Context) error {
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i := range m.builds {
		group.Go(func() (err error) {
			m.builds[i].desc, err = m.resolve(groupCtx, m.builds[i].image)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	var missing []plan.Image
	for _, b := range m.builds {
		if b.desc.Digest == "" {
			missing = append(missing, b.image)
		}
	}
	return m.requireThere(missing, "release a build of it to "+m.from.environment.Name+" again, then promote that")
}

func (m *promotion) bumpOf(i int) deployment.Bump {
	b := m.newBump(i, m.to.snapshots[i])
	snapshot := m.from.snapshots[0]
	b.Promoted = fmt.Sprintf("%s %s@%s", m.from.environment.Name, snapshot.Repository, snapshot.Head)
	b.Images = m.images()
	b.Check = m.chartCheck(b.Deployment, b.Images)
	return b
}

func (m *promotion) images() []deployment.Image {
	images := make([]deployment.Image, len(m.plan.Images))
	for n, image := range m.plan.Images {
		build := m.builds[n]
		images[n] = deployment.Image{Component: image.Component, Ref: image.Ref(), Digest: build.desc.Digest.String(), SHA: build.sha}
	}
	return images
}
