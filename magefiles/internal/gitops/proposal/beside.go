package proposal

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/guard"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// A bump takes the branch of the open pull request over. What that proposes of components which the bump leaves out, the bump proposes
// again: each has the image that it had, and every guard is asked about it again.

// completed finds the open pull request, and returns the bump and its draft together with what that proposes beside them. What cannot be
// proposed again is not lost: the bump is refused (problem.Refused), unless that is forced.
func (p Proposer) completed(ctx context.Context, b bump.Bump, draft *edit.Draft) (bump.Bump, *edit.Draft, *pendingBranch, error) {
	base := draft.Snapshot
	pending, err := p.findPending(ctx, b, base)
	if err != nil {
		return b, draft, pending, err
	}
	beside, err := proposedBeside(ctx, b, base, pending)
	if err != nil {
		return b, draft, pending, err
	}
	kept := keptBeside(b, base, pending)
	if len(beside)+len(kept) == 0 {
		return b, draft, pending, nil
	}
	if b, err = dropping(b, beside, pending); err != nil {
		return b, draft, pending, err
	}
	b.KeptBefore = kept
	b, notices := taking(b, beside, pending.pull.GetNumber())
	pending.notices = append(pending.notices, notices...)
	draft, err = b.Pinned().DraftOn(ctx, base)
	return b, draft, pending, err
}

// Complete returns a bump and its draft with what the open pull request proposes beside them, and what guards are to know of that.
func (p Proposer) Complete(ctx context.Context, b bump.Bump, draft *edit.Draft) (bump.Bump, *edit.Draft, guard.Proposed, error) {
	b, draft, pending, err := p.completed(ctx, b, draft)
	if err != nil {
		return b, draft, guard.Proposed{}, err
	}
	return b, draft, pending.forGuards(), nil
}

// taking is the bump with what is proposed beside it, and what is to be said of that.
func taking(b bump.Bump, beside []proposedComponent, number int) (_ bump.Bump, notices []string) {
	b.Images = slices.Clone(b.Images)
	b.Deployment.Files = slices.Clone(b.Deployment.Files)
	for _, o := range beside {
		if o.unusable != "" {
			continue
		}
		f := &b.Deployment.Files[o.file]
		f.Edits = append(slices.Clone(f.Edits), o.edit)
		f.Others = slices.DeleteFunc(slices.Clone(f.Others), func(e plan.Edit) bool { return e.Component == o.component })
		if !bump.Brings(b, o.component) {
			b.Images = append(b.Images, o.image)
			notices = append(notices, fmt.Sprintf("%s: this run leaves it out; %s, which pull request #%d proposes, stays proposed",
				o.component, o.image.Ref, number))
		}
	}
	return b, notices
}

// dropping is the bump without what cannot be proposed again, where that is forced. What a person takes back or holds is proposed
// alone: a new image beside it would be one that no guard is asked about.
func dropping(b bump.Bump, beside []proposedComponent, p *pendingBranch) (bump.Bump, error) {
	decided := bump.IsDecision(b)
	var lost []string
	var names []component.Name
	for i, o := range beside {
		if decided {
			beside[i].unusable = "this run leaves it out"
		}
		if reason := beside[i].unusable; reason != "" && !slices.Contains(names, o.component) {
			names, lost = append(names, o.component), append(lost, string(o.component)+": "+reason)
		}
	}
	if len(lost) == 0 {
		return b, nil
	}
	number := p.pull.GetNumber()
	if !b.Force {
		remedy := p.forGuards().WaysPast(b)
		if !decided {
			remedy = "release them together: leave -only and -changedSince out\nor " + remedy
		}
		return b, problem.New(problem.Refused, remedy,
			"refusing to replace pull request #%d of %s: it proposes values that this run does not set\n  %s",
			number, b.Deployment.Repository, strings.Join(lost, "\n  "))
	}
	b.Forced = slices.Clone(b.Forced)
	for _, name := range names {
		b.Forced = append(b.Forced, fmt.Sprintf("proposal #%d %s", number, name))
	}
	return b, nil
}

// keptBeside are the records of what is kept that the open pull request proposes of components which the bump leaves out.
func keptBeside(b bump.Bump, base *repo.Snapshot, p *pendingBranch) []hold.Kept {
	if p.pull == nil || p.snapshot == nil || p.snapshot.HoldErr != nil || base.HoldErr != nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(p.snapshot.Kept), func(k hold.Kept) bool {
		known, _ := base.KeptAs(k.Component, k.Tag)
		return known == k || bump.Brings(b, k.Component)
	})
}
