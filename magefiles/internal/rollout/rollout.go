package rollout

import (
	"context"
	"errors"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
)

// Rollout makes the commits of one run in the deployment repositories of its plan.
type Rollout struct {
	Charts *Charts

	env    *cli.Env
	client *gitops.Client
	force  bool
	notes  *NotesReader    // nil until StartNotes
	told   map[string]bool // notices of guards

	approved []string // fingerprints by deployment; nil: anything is
}

// New returns the rollout of a run. force deploys also over a newer build or a hold, and says so in the commits.
func New(env *cli.Env, force bool) (*Rollout, error) {
	client, err := env.Clients.Deployment()
	if err != nil {
		return nil, err
	}
	return &Rollout{Charts: newCharts(env, client), env: env, client: client, force: force, told: map[string]bool{}}, nil
}

// Bump returns what every commit on the i-th deployment has in common. snapshot is that deployment as it was read.
func (r *Rollout) Bump(i int, snapshot *repo.Snapshot, images []bump.Image) bump.Bump {
	p := r.env.Project.Plan
	return bump.Bump{
		Deployment:  p.Deployments[i],
		Service:     p.Service,
		Formerly:    p.Formerly,
		Environment: p.Environment,
		Source:      p.Commit,
		Images:      images,
		RunURL:      r.env.RunURL(),
		Actor:       r.env.Actor(),
		Ref:         r.env.Project.OffRef,
		Ancestry:    r.env.Clients.Ancestry(),
		Force:       r.force,
		Snapshot:    snapshot,
		KeyOf:       r.KeyOf,
		DigestOf:    r.digestUnder,
		Reason:      r.env.Report.Reason,
	}
}

// KeyOf is bump.Bump.KeyOf: it asks the image itself. One that the registry no longer has under its tag, or that does
// not say, is compared by its digest alone.
func (r *Rollout) KeyOf(ctx context.Context, image bump.Image) (string, error) {
	found, err := r.env.Clients.Registry().Lookup(ctx, image.Ref)
	switch {
	case errors.Is(err, registry.ErrNotFound):
		return "", nil
	case err != nil:
		return "", err
	case found.Descriptor.Digest != image.Digest:
		return "", nil
	}
	return found.Origin.Key, nil
}

// digestUnder implements bump.Bump.DigestOf: it returns the registry's current digest, which a starting pod would run.
func (r *Rollout) digestUnder(ctx context.Context, image bump.Image, tag string) (digest.Digest, error) {
	component, ok := r.env.Project.Config.Component(image.Component)
	if !ok {
		return "", nil
	}
	repository := r.env.Project.Config.Repository(r.env.Project.Environment.Name, component)
	desc, err := Resolve(ctx, r.env.Clients.Registry(), plan.Image{Component: image.Component, Repository: repository, Tag: tag})
	return desc.Digest, err
}
