package release

import (
	"context"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// digestUnder is deployment.Bump.DigestOf: what the registry has now, as it is what a pod that starts would run.
func (s *session) digestUnder(ctx context.Context, image deployment.Image, tag string) (string, error) {
	i := slices.IndexFunc(s.plan.Images, func(p plan.Image) bool { return p.Component == image.Component })
	if i < 0 {
		return "", nil
	}
	desc, err := s.resolve(ctx, plan.Image{Component: image.Component, Repository: s.plan.Images[i].Repository, Tag: tag})
	return desc.Digest.String(), err
}

// redrafted computes the edits again where what is known of the images by now decides what is kept.
func (s *session) redrafted(ctx context.Context, now *state, drafts []*deployment.Draft) ([]*deployment.Draft, error) {
	if now.snapshots == nil || !slices.ContainsFunc(s.plan.Deployments, plan.Deployment.KeepsUnchanged) {
		return drafts, nil
	}
	return s.drafts(ctx, now)
}

// keepsAll reports whether the run has left all values alone.
func (s *session) keepsAll() bool {
	return !slices.ContainsFunc(s.report.Deployment, func(d report.Deployment) bool { return !d.KeepsAll() })
}

// keepsWhatPrepareMakes reports whether `prepare` decides yet what is kept: publishAllowed asks for holds once it has run. A dry
// run does not run it, and says so where something is held.
func (s *session) keepsWhatPrepareMakes(now *state) bool {
	building := now.to(plan.DoBuild, s.plan.Images)
	if len(building) == 0 || len(s.plan.Prepare.Run) == 0 || s.options.Rebuild || s.plan.Commit.IsDirty() {
		return false
	}
	undecided := false
	for i, d := range s.plan.Deployments {
		undecided = undecided || d.KeepsUnchanged()
		for _, h := range now.snapshots[i].Holds {
			isBuilt := func(image plan.Image) bool { return image.Component == h.Component }
			if s.options.DryRun && d.KeepsUnchanged() && slices.ContainsFunc(building, isBuilt) {
				s.console.Note(h.Component + " is held: whether its image is the deployed one, which stays, is known once `prepare` has run; another one is refused")
			}
		}
	}
	return undecided
}

func keptBy(kept []deployment.Kept) []report.Kept {
	var all []report.Kept
	for _, k := range kept {
		all = append(all, report.Kept{Component: k.Component, Tag: k.Tag, Digest: k.Digest})
	}
	return all
}

// runs returns the images that a deployment has after the run: those of the plan, under the tags that its values keep.
func (s *session) runs(d report.Deployment) []string {
	images := make([]string, len(s.plan.Images))
	for i, image := range s.plan.Images {
		images[i] = pinned(image.Ref(), s.digestOf(image.Ref()))
		if n := slices.IndexFunc(d.Kept, func(k report.Kept) bool { return k.Component == image.Component }); n >= 0 {
			images[i] = pinned(image.Repository+":"+d.Kept[n].Tag, d.Kept[n].Digest)
		}
	}
	return images
}
