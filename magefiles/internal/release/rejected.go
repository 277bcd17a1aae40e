package release

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
)

// knownDigest is the digest of the i-th image: as the registry has it under its tag, or will have it once it is tagged.
func (now *state) knownDigest(i int) string {
	if digest := now.published[i].Digest; digest != "" || len(now.decisions) == 0 {
		return digest.String()
	}
	return cmp.Or(now.decisions[i].found.Descriptor.Digest, now.decisions[i].built).String()
}

// knownKey is the key of what the i-th image is built from, as far as this run has found out.
func (now *state) knownKey(i int) string {
	if len(now.decisions) == 0 {
		return ""
	}
	return cmp.Or(now.decisions[i].found.Origin.Key, now.decisions[i].key)
}

// keyOfImage is deployment.Bump.KeyOf: it asks the image itself. One that the registry no longer has under its tag, or that does
// not say, is compared by its digest alone.
func (s *session) keyOfImage(ctx context.Context, image deployment.Image) (string, error) {
	found, err := s.registry().Lookup(ctx, image.Ref)
	switch {
	case errors.Is(err, registry.ErrNotFound):
		return "", nil
	case err != nil:
		return "", err
	case found.Descriptor.Digest.String() != image.Digest:
		return "", nil
	}
	return found.Origin.Key, nil
}

// rejectedBuild is what is deployed now. That its image cannot be asked for its commit is no reason to keep it.
func (r *rollback) rejectedBuild(ctx context.Context, origins []deployment.Origin, image plan.Image, tag string) deployment.Build {
	image.Tag = tag
	origin := deployment.OriginOf(origins, image.Component, tag)
	kept, _ := r.at.snapshots[0].KeptAs(image.Component, tag)
	build := deployment.Build{Component: image.Component, Tag: tag, SHA: cmp.Or(kept.Source, origin.SHA), Digest: origin.Digest}
	if desc, err := r.resolve(ctx, image); err == nil && desc.Digest != "" {
		build.Digest = cmp.Or(build.Digest, desc.Digest.String())
		if found, err := r.registry().Origin(ctx, image.Ref(), desc); err == nil && build.Digest == desc.Digest.String() {
			build.Key = found.Key
			build.SHA = cmp.Or(build.SHA, wholeCommitOf(found))
		}
	}
	build.SHA = cmp.Or(build.SHA, deployment.CommitInTag(tag))
	return build
}

// withoutRestored leaves out of a build what its image shares with the one that comes back: nothing of that is rejected, and a hold
// against it would be one against what runs.
func (r *rollback) withoutRestored(ctx context.Context, build deployment.Build) deployment.Build {
	i := slices.IndexFunc(r.images, func(image deployment.Image) bool { return image.Component == build.Component })
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
	switch key, err := r.keyOfImage(ctx, r.images[i]); {
	case err != nil:
		build.Key = "" // nothing tells whether what comes back has it, too
	case key == build.Key: // built twice from the same
		build.Digest, build.Key = "", ""
	}
	return build
}
