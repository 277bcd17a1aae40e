package release

import (
	"cmp"
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Release takes the commit to the deployment repository: what the registry lacks is built and pushed, then the values are
// set in one commit, which ArgoCD is waited for. Killed anywhere, it finishes when it is run again.
func Release(ctx context.Context, p Process, o Options) error {
	return command(report.CommandRelease, func(ctx context.Context, s *session) error {
		if err := s.checkTimeout(); err != nil {
			return err
		}
		s.console.Header(*s.plan)
		now, drafts, err := s.check(ctx, s.requireRelease)
		if err != nil {
			return err
		}
		missing := now.missing(s.plan.Images)
		if err := s.checkArgoCD(ctx, len(missing) > 0 || changes(drafts)); err != nil {
			return err
		}
		if o.DryRun {
			return s.dryRun(now, drafts)
		}
		if o.Images == nil { // else this job runs nothing of the application
			err = s.publishAllowed(ctx, now, drafts)
		}
		if err != nil {
			return err
		}
		if err := s.confirm(ctx, now, len(missing) > 0 || o.Images != nil); err != nil {
			return err
		}
		upToDate, err := s.bump(ctx, now)
		if err != nil {
			return err
		}
		if upToDate && len(missing) == 0 {
			s.report.Outcome = report.NothingToDo
		}
		return s.await(ctx)
	})(ctx, p, o)
}

// requireRelease finds out what becomes of each image, and refuses what could not be pushed. Images that another job has published
// must be there.
func (s *session) requireRelease(ctx context.Context, now *state) error {
	if s.options.Images != nil {
		return s.requirePublished(ctx, now)
	}
	if err := s.requirePush(ctx, now.missing(s.plan.Images)); err != nil {
		return err
	}
	if err := s.decide(ctx, now); err != nil {
		return err
	}
	return s.requireCertain(ctx, "push")
}

// check looks at everything that can refuse the command, before anything expensive: both tokens, the tags that exist, the
// keys to set, and what the command itself requires of the images that the registry lacks.
func (s *session) check(ctx context.Context, require func(context.Context, *state) error) (*state, []*deployment.Draft, error) {
	staged, stage := s.stage(ctx, "check")
	now, drafts, err := s.preflight(staged, require)
	if err != nil {
		stage.Fail(err)
		return nil, nil, err
	}
	stage.Done(s.checked(now))
	return now, drafts, s.checkCharts(ctx, drafts, s.images(now))
}

// checked says how much is left to do.
func (s *session) checked(now *state) string {
	missing := len(now.missing(s.plan.Images))
	text := fmt.Sprintf("%d of %s published", len(s.plan.Images)-missing, count(len(s.plan.Images), "image"))
	if retags := len(now.to(plan.DoRetag, s.plan.Images)); retags > 0 {
		text += fmt.Sprintf(", %d under another tag", retags)
	}
	return text
}

func (s *session) preflight(ctx context.Context, require func(context.Context, *state) error) (*state, []*deployment.Draft, error) {
	now, err := s.observe(ctx)
	// A changed tree is the first thing to tell, whatever the network answered meanwhile.
	if err := cmp.Or(s.requireClean(), err); err != nil {
		if commit, unknown := s.settled(); unknown == nil {
			s.report.Commit.Dirty = commit.IsDirty()
		}
		return nil, nil, err
	}
	if err := s.requireSameInputs(ctx, now); err != nil {
		return nil, nil, err
	}
	drafts, err := s.drafts(ctx, now)
	if err != nil {
		return nil, nil, err
	}
	told := map[string]bool{}
	if err := s.requireAllowed(ctx, now, drafts, (*deployment.Client).CheckOrder, told); err != nil {
		return nil, nil, err
	}
	if err := require(ctx, now); err != nil {
		return nil, nil, err
	}
	// A hold is against an image, too, which an earlier commit may have given another tag: what becomes of each is known now.
	if drafts, err = s.redrafted(ctx, now, drafts); err != nil {
		return nil, nil, err
	}
	if s.keepsWhatPrepareMakes(now) {
		return now, drafts, nil
	}
	return now, drafts, s.requireAllowed(ctx, now, drafts, (*deployment.Client).CheckHolds, told)
}

// requirePush proves that the registry's token may push, once for each repository.
func (s *session) requirePush(ctx context.Context, images []plan.Image) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	asked := map[string]bool{}
	for _, image := range images {
		if asked[image.Repository] {
			continue
		}
		asked[image.Repository] = true
		group.Go(func() error { return s.registry().CheckPush(ctx, image.Repository) })
	}
	return group.Wait()
}

// publishAllowed publishes images that are not held: what `prepare` makes may turn out to be what was rejected, and so may what a
// daemon says that it builds.
func (s *session) publishAllowed(ctx context.Context, now *state, drafts []*deployment.Draft) error {
	if err := s.prepareImages(ctx, now); err != nil {
		return err
	}
	allowed := func() error {
		changed, err := s.redrafted(ctx, now, drafts)
		if err != nil {
			return err
		}
		return s.requireAllowed(ctx, now, changed, (*deployment.Client).CheckHolds, map[string]bool{})
	}
	if err := allowed(); err != nil {
		return err
	}
	return s.publish(ctx, now, allowed)
}

// confirm resolves every tag just before the commit that names it. Where nothing was built, that was a moment ago.
func (s *session) confirm(ctx context.Context, now *state, published bool) error {
	if published {
		if err := s.observeTags(ctx, now); err != nil {
			return err
		}
	}
	if err := requireOwn(now, s.plan.Images); err != nil {
		return err
	}
	for i, image := range s.plan.Images {
		s.recordPublished(image, now.published[i])
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return s.requirePublished(ctx, now)
}

// dryRun reports what a release would do.
func (s *session) dryRun(now *state, drafts []*deployment.Draft) error {
	s.report.DryRun = true
	for i, image := range s.plan.Images {
		s.recordPublished(image, now.published[i])
		if last := &s.report.Images[len(s.report.Images)-1]; len(now.decisions) > 0 {
			last.Action, last.Why = string(now.decisions[i].Do), now.decisions[i].Why
		}
	}
	for _, draft := range drafts {
		s.report.Deployment = append(s.report.Deployment, drafted(draft))
	}
	s.console.Note("dry run: nothing was built, pushed or committed")
	return nil
}
