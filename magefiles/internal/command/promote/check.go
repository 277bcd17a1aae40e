package promote

import (
	"context"
	"fmt"
	"slices"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// promotion is one run of the command.
type promotion struct {
	env      *cli.Env
	options  Options
	rollout  *rollout.Rollout
	from, to *rollout.EnvironmentState
	builds   []promotedBuild // in the order of the plan's images
	drafts   []*edit.Draft
}

// promotedBuild is an image on its way from one environment to another.
type promotedBuild struct {
	image plan.Image // as the source environment names it
	desc  ocispec.Descriptor
	sha   commitid.ID
}

// check looks at everything that can refuse the promotion before anything is tagged.
func (m *promotion) check(ctx context.Context) error {
	staged, stage := m.env.Stage(ctx, "check")
	if err := m.preflight(staged); err != nil {
		stage.Fail(err)
		return err
	}
	head := m.from.Snapshots[0].Head
	stage.Done(fmt.Sprintf("%s of %s at %s", report.Plural(len(m.builds), "image"), m.from.Environment.Name, head.Short()))
	return m.rollout.Charts.CheckDrafts(ctx, m.drafts, m.images())
}

func (m *promotion) preflight(ctx context.Context) error {
	if err := m.options.WaitOptions.Validate(); err != nil {
		return err
	}
	if err := m.readEnvironments(ctx); err != nil {
		return err
	}
	if err := m.collectBuilds(ctx); err != nil {
		return err
	}
	builds := make([]plan.Build, len(m.builds))
	for i, b := range m.builds {
		builds[i] = plan.Build{Component: b.image.Component, SHA: b.sha}
	}
	project := m.env.Project
	p, err := plan.Existing(project.Config, project.Commit, project.Environment, builds)
	if err != nil {
		return err
	}
	m.env.Adopt(p)
	m.env.Report.Commit = m.commonCommit()
	if m.drafts, err = m.rollout.GuardedDrafts(ctx, m.to.Snapshots, m.bumpOf); err != nil {
		return err
	}
	if err := m.rollout.RequireApproved(m.options.Approved, m.drafts, m.bumpOf); err != nil {
		return err
	}
	return m.requireTags(ctx)
}

func (m *promotion) readEnvironments(ctx context.Context) error {
	project := m.env.Project
	from, err := project.Config.Source(project.Environment, m.options.From)
	if err != nil {
		return err
	}
	client, err := m.env.Clients.Deployment()
	if err != nil {
		return err
	}
	if m.rollout, err = rollout.New(m.env, m.options.Force); err != nil {
		return err
	}
	states, err := rollout.ReadEnvironments(ctx, client, project.Config, m.options.Only, from, project.Environment)
	if err != nil {
		return err
	}
	m.from, m.to = states[0], states[1]
	snapshot := m.from.Snapshots[0]
	m.env.Report.From = &report.From{Environment: from.Name, Repository: snapshot.Repository, Commit: snapshot.Head}
	return nil
}

// commonCommit is the commit that all images were built from; zero where they are of several.
func (m *promotion) commonCommit() report.Commit {
	sha := m.builds[0].sha
	if slices.ContainsFunc(m.builds, func(b promotedBuild) bool { return b.sha != sha }) {
		sha = ""
	}
	return report.NewCommit(git.Commit{SHA: sha, URL: m.env.Project.Commit.URL})
}

func (m *promotion) bumpOf(i int) bump.Bump {
	b := m.rollout.Bump(i, m.to.Snapshots[i], m.images())
	snapshot := m.from.Snapshots[0]
	b.Promoted = &bump.Promotion{Environment: m.from.Environment.Name, Repository: snapshot.Repository, Commit: snapshot.Head}
	b.KeyOf = m.keyOf
	b.Check = m.rollout.Charts.Check(b.Deployment, b.Images)
	return b
}

func (m *promotion) images() []bump.Image {
	planned := m.env.Project.Plan.Images
	images := make([]bump.Image, len(planned))
	for n, image := range planned {
		build := m.builds[n]
		images[n] = bump.Image{Component: image.Component, Ref: image.Ref(), Digest: build.desc.Digest, SHA: build.sha}
	}
	return images
}

// keyOf asks the image where it is: under the environment's own tag there is none yet.
func (m *promotion) keyOf(ctx context.Context, image bump.Image) (string, error) {
	at := slices.IndexFunc(m.builds, func(b promotedBuild) bool { return b.image.Component == image.Component })
	if at >= 0 && m.builds[at].desc.Digest == image.Digest {
		image.Ref = m.builds[at].image.Ref()
	}
	return m.rollout.KeyOf(ctx, image)
}
