package release

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
)

// publish builds and pushes what the registry lacks, and then tags what it has under other names: all content is there
// before the first tag is put, and allowed judges by what it is made of. `prepare` has run.
func (s *session) publish(ctx context.Context, now *state, allowed func() error) error {
	retags, err := s.retags(ctx, now)
	if err != nil {
		return err
	}
	missing := now.to(plan.DoBuild, s.plan.Images)
	if len(retags) > 0 && len(missing) == 0 { // else all is looked at after the build
		if err := s.requireUnchanged(ctx, "push"); err != nil {
			return err
		}
	}
	if len(missing) > 0 {
		if now.snapshots != nil {
			defer s.measure(ctx, now)()
		}
		remote, err := s.publishBuilt(ctx, now, missing, allowed)
		if err != nil {
			return err
		}
		retags = append(retags, remote...)
	}
	if err := s.retag(ctx, retags); err != nil {
		return err
	}
	return s.keepTrees(ctx, now.to(plan.DoBuild, s.plan.Images))
}

// publishBuilt builds images and pushes those that came here; it returns the retags of those that the registry has by digest.
func (s *session) publishBuilt(ctx context.Context, now *state, missing []plan.Image, allowed func() error) ([]push.Retag, error) {
	index := keyIndex{s.registry()}
	built, err := s.buildOfCommit(ctx, missing, &index)
	if err != nil {
		return nil, err
	}
	local, remote, err := s.split(ctx, now, index, built)
	if err != nil {
		return nil, err
	}
	if err := allowed(); err != nil {
		return nil, err
	}
	return remote, s.push(ctx, local, true)
}

// buildOfCommit builds images that are the commit's for certain.
func (s *session) buildOfCommit(ctx context.Context, images []plan.Image, index *keyIndex) ([]build.Image, error) {
	built, err := s.build(ctx, images, index)
	if err != nil {
		return nil, err
	}
	if err := s.requireUnchanged(ctx, "push"); err != nil {
		return nil, err
	}
	return built, nil
}
