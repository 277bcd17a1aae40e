package bump

import (
	"context"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Draft computes what the bump changes on a snapshot, as far as the digests of its images are known.
func (b Bump) Draft(ctx context.Context, s *repo.Snapshot) (*edit.Draft, error) {
	draft, err := b.Pinned().DraftOn(ctx, s)
	if err != nil {
		return nil, err
	}
	if draft.Headline, err = b.Subject(draft, false); err != nil { // here it costs no build
		return nil, err
	}
	return draft, nil
}

// DraftOn computes what a pinned bump changes on a snapshot: the values, and the holds that it puts or ends by request.
func (b Bump) DraftOn(ctx context.Context, s *repo.Snapshot) (*edit.Draft, error) {
	draft, err := edit.New(s, b.Deployment)
	if err == nil {
		draft, err = b.keepUnchanged(ctx, draft)
	}
	if err != nil {
		return nil, err
	}
	draft.KeptBefore = b.KeptBefore
	if s.HoldErr != nil && len(b.Hold) > 0 && !b.Force {
		return nil, s.HoldErr // a file that holds only these would end all others
	}
	holds := slices.Clone(s.Holds)
	for _, h := range b.Hold {
		holds = hold.Put(holds, h)
	}
	holds = slices.DeleteFunc(holds, func(h hold.Hold) bool { return slices.Contains(b.Lift, h.Component) })
	same := slices.Equal(holds, s.Holds) && len(draft.NewKept()) == 0
	if s.HoldErr != nil && len(b.Hold)+len(b.Lift) == 0 || s.HoldErr == nil && same {
		return draft, nil
	}
	if err := s.RequireKept(s.Place(s.HoldPath)); err != nil && !b.Force {
		return nil, err
	}
	return draft.WithHolds(b.Environment, holds)
}

// Redraft computes the change again on another head. The build that a rollback rejects must still be deployed: a build that was deployed
// since, perhaps the very fix, has not been rejected.
func (b Bump) Redraft(ctx context.Context, last *edit.Draft, s *repo.Snapshot) (*edit.Draft, error) {
	draft, err := b.DraftOn(ctx, s)
	if err != nil || b.Rollback == nil || len(draft.Changes) == 0 {
		return draft, err
	}
	same := func(a, b edit.Assignment) bool {
		return a.File == b.File && a.Scalar == b.Scalar && a.Before == b.Before
	}
	if slices.EqualFunc(draft.Assigned, last.Assigned, same) {
		return draft, nil
	}
	return nil, problem.New(problem.Refused,
		"look at what is deployed now: mage status -env="+b.Environment+"; if that is to go too, roll back again",
		"rolling back %s in %s@%s: something else was deployed meanwhile\n%s",
		b.Environment, b.Deployment.Repository, b.Deployment.Branch, edit.Table(draft.Changes))
}

// AskApproval lets the caller refuse a draft because it is another one than was meant.
func (b Bump) AskApproval(draft *edit.Draft) error {
	if b.Approve == nil {
		return nil
	}
	return b.Approve(draft)
}

// AskCheck lets the caller refuse a draft. One that changes no value, such as a hold, is not theirs to judge.
func (b Bump) AskCheck(ctx context.Context, draft *edit.Draft) error {
	if b.Check == nil || len(draft.Changes) == 0 {
		return nil
	}
	return b.Check(ctx, draft)
}

// Brings reports whether a bump has an image of a component.
func Brings(b Bump, name component.Name) bool {
	return slices.ContainsFunc(b.Images, func(image Image) bool { return image.Component == name })
}

// IsDecision reports whether a person takes something back, holds or lifts it.
func IsDecision(b Bump) bool { return b.Rollback != nil || len(b.Hold)+len(b.Lift) > 0 }

// IsUndecided reports whether it is not known yet what image a component will have.
func IsUndecided(b Bump, name component.Name) bool { return slices.Contains(b.Undecided, name) }

// MayKeep reports whether it is not known yet whether a component keeps its image, whose hold lets that pass.
func MayKeep(b Bump, name component.Name) bool { return b.keepsUnchanged() && IsUndecided(b, name) }

// AwaitsDigests reports whether it is not known yet what the bump keeps: a hold may be of what it leaves alone.
func (b Bump) AwaitsDigests() bool {
	return b.keepsUnchanged() && slices.ContainsFunc(b.Images, func(image Image) bool { return image.Digest == "" })
}
