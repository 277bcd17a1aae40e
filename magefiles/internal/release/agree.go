package release

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/containerd/containerd/v2/core/content"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
)

// agreement is an image of another commit that was found to be this one's.
type agreement struct {
	image      plan.Image
	prepareKey string         // what `prepare` made it from this time; empty where it is not known, or nothing is prepared
	found      registry.Found // empty: under its tag
}

// agreeAll notes what a release has found of its commit, before it puts a tag: a run that is killed after that leaves tags that the
// next one knows for its own, without `prepare` or a daemon.
func (s *session) agreeAll(ctx context.Context, now *state, byDaemon *published) error {
	all, err := s.agreements(ctx, now, byDaemon)
	if err != nil {
		return err
	}
	return s.agree(ctx, all)
}

// agreements are the images of a release that are of other commits, or were found to be by a daemon.
func (s *session) agreements(ctx context.Context, now *state, byDaemon *published) ([]agreement, error) {
	all, err := s.keysOf().of(ctx, slices.Concat(now.to(plan.DoRetag, s.plan.Images), now.to(plan.DoBuild, s.plan.Images)))
	if err != nil {
		return nil, err
	}
	var list []agreement
	for i, d := range now.decisions {
		image := s.plan.Images[i]
		found, known := byDaemon.images[image.Component]
		if d.Do == plan.DoRetag {
			found, known = d.found, true
		}
		if known {
			list = append(list, agreement{image: image, prepareKey: all[image.Component].prepareKey, found: found})
		}
	}
	return list, nil
}

// storedAgreements are the images of a push that were built for another commit before.
func (s *session) storedAgreements(ctx context.Context, images []plan.Image) ([]agreement, error) {
	layout, err := build.OpenLayout(s.layout())
	if err != nil {
		return nil, err
	}
	var list []agreement
	for _, image := range images {
		desc, found := layout.Find(image.Ref())
		if !found || build.IsRemote(desc) {
			continue
		}
		data, err := content.ReadBlob(ctx, layout.Store(), ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size})
		if err != nil {
			continue // it was pushed a moment ago, and is looked at for its commit only
		}
		var root struct {
			Annotations map[string]string `json:"annotations"`
		}
		if json.Unmarshal(data, &root) == nil && root.Annotations[ocispec.AnnotationRevision] != s.plan.Commit.SHA {
			list = append(list, agreement{image: image, prepareKey: storedKeys(desc).prepareKey})
		}
	}
	return list, nil
}

// agree notes in the registry that images of other commits are this one's. A failure is a notice: then `prepare` runs again, or
// nothing tells later that a tag of this commit is right.
func (s *session) agree(ctx context.Context, all []agreement) error {
	index := keyIndex{s.registry()}
	group := new(errgroup.Group)
	group.SetLimit(lookups)
	for _, a := range all {
		group.Go(func() error {
			found, err := a.found, error(nil)
			if found.Manifest == nil {
				found, err = s.registry().Lookup(ctx, a.image.Ref())
			}
			if err == nil && found.Origin.Revision != s.plan.Commit.SHA && found.Origin.Key != "" {
				err = errors.Join(index.point(ctx, a.image.Repository, a.prepareKey, found),
					index.point(ctx, a.image.Repository, commitKey(s.plan.Commit, a.image.Component), found))
			}
			if err != nil && ctx.Err() == nil {
				s.console.Note("notice: " + a.image.Component + ": it was not noted of which commits this is the image: " + brief(err))
			}
			return nil
		})
	}
	return errors.Join(group.Wait(), context.Cause(ctx))
}
