package release

import (
	"context"
	"errors"
	"strings"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
)

// foresee says what a release would do about each image. An image whose registry cannot be asked is left open, with the
// reason; the others are not.
func (s *session) foresee(ctx context.Context) ([]plan.Action, error) {
	now := &state{published: make([]ocispec.Descriptor, len(s.plan.Images)), decisions: make([]decision, len(s.plan.Images))}
	failed := s.lookAtTags(ctx, now)
	var missing []int
	for i, image := range s.plan.Images {
		d := decision{Action: plan.Action{Component: image.Component, Do: plan.DoDone, Why: "the registry has it"}}
		switch {
		case failed[i] != nil:
			d.Do, d.Why = plan.DoUnknown, brief(failed[i])
		case now.published[i].Digest == "":
			missing = append(missing, i)
		}
		now.decisions[i] = d
	}
	err := s.decideAll(ctx, now, missing)
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if err != nil {
		return nil, err
	}
	s.foreseeRefusals(ctx, now)
	return now.actions(), context.Cause(ctx)
}

// lookAtTags asks for every tag of the plan, and gives the failures by image. A registry that does not answer is not asked for
// the next one: each question takes its time.
func (s *session) lookAtTags(ctx context.Context, now *state) []error {
	failed := make([]error, len(s.plan.Images))
	var silent sync.Map // error by registry
	group := new(errgroup.Group)
	group.SetLimit(lookups)
	for i, image := range s.plan.Images {
		host, _, _ := strings.Cut(image.Repository, "/")
		group.Go(func() error {
			if err, known := silent.Load(host); known {
				failed[i], _ = err.(error)
				return nil
			}
			now.published[i], failed[i] = s.resolve(ctx, image)
			if failed[i] != nil && !errors.Is(failed[i], registry.ErrDenied) {
				silent.Store(host, failed[i])
			}
			return nil
		})
	}
	_ = group.Wait() // each has its own
	return failed
}

// foreseeRefusals finds the tags that the registry has with images of something else, at which a release would stop. What bumps
// have recorded is not looked at: a plan needs no deployment repository.
func (s *session) foreseeRefusals(ctx context.Context, now *state) {
	same := s.sameness(ctx)
	group := new(errgroup.Group)
	group.SetLimit(lookups)
	for i, image := range s.plan.Images {
		d := &now.decisions[i]
		if now.published[i].Digest == "" || d.Do != plan.DoDone {
			continue
		}
		group.Go(func() error {
			origin, ok, err := same.look(ctx, image, now.published[i])
			switch {
			case err != nil:
				d.Do, d.Why = plan.DoUnknown, brief(err)
			case !ok:
				d.Do, d.Why = plan.DoRefuse, "its tag names another image, "+same.another(origin)
			}
			return nil
		})
	}
	_ = group.Wait() // each has its own
}

// brief is an error's first line without its remedy.
func brief(err error) string {
	text := err.Error()
	if p := problem.As(err); p != nil {
		text = p.Err.Error()
	}
	line, _, _ := strings.Cut(text, "\n")
	return line
}
