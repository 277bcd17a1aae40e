package rollback

import (
	"cmp"
	"context"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/history"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// rejectedBuild returns the deployed build. It is rejected even if its image cannot be asked for its commit.
func (r *rollback) rejectedBuild(ctx context.Context, origins []history.Provenance, image plan.Image, tag string) bump.Build {
	image.Tag = tag
	client := r.env.Clients.Registry()
	origin := history.ProvenanceOf(origins, image.Component, tag)
	kept, _ := r.at.Snapshots[0].KeptAs(image.Component, tag)
	build := bump.Build{
		Component: image.Component, Tag: tag, SHA: cmp.Or(kept.Source, origin.SHA), Digest: cmp.Or(origin.Digest, kept.Digest),
	}
	if desc, err := rollout.Resolve(ctx, client, image); err == nil && desc.Digest != "" {
		build.Digest = cmp.Or(build.Digest, desc.Digest)
		if found, err := client.Origin(ctx, image.Ref(), desc); err == nil && build.Digest == desc.Digest {
			build.Key = found.Key
			build.SHA = cmp.Or(build.SHA, found.Commit())
		}
	}
	build.SHA = cmp.Or(build.SHA, edit.CommitInTag(tag))
	return build
}

// withoutRestored leaves out of a build what its image shares with the one that comes back: nothing of that is rejected, and a hold
// against it would be one against what runs.
func (r *rollback) withoutRestored(ctx context.Context, build bump.Build) bump.Build {
	i := slices.IndexFunc(r.images, func(image bump.Image) bool { return image.Component == build.Component })
	if i < 0 || build.Key == "" && build.Digest == "" {
		return build
	}
	if r.images[i].Digest == build.Digest {
		build.Digest, build.Key = "", ""
		return build
	}
	if build.Key == "" {
		return build
	}
	switch key, err := r.rollout.KeyOf(ctx, r.images[i]); {
	case err != nil:
		build.Key = "" // nothing tells whether what comes back has it, too
	case key == build.Key: // built twice from the same
		build.Digest, build.Key = "", ""
	}
	return build
}
