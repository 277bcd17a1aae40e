package guard

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// ownerDepth is the number of commits that are searched for the writer of a value.
const ownerDepth = 200

// ownedValue is a value of the draft whose last writer is another application.
type ownedValue struct {
	edit.Assignment
	by     writer
	commit repo.Commit
}

// checkOwners refuses (problem.Refused) to change a value that another service or repository has set last: a copied
// configuration would deploy its images in the other's place. A value that no bump has set belongs to no application.
func (g Guards) checkOwners(ctx context.Context, b bump.Bump, draft *edit.Draft) (Verdict, error) {
	var v Verdict
	foreign, err := g.foreignValues(ctx, b, draft)
	if err != nil || len(foreign) == 0 {
		return v, err
	}
	var texts []string
	for _, o := range foreign {
		text := fmt.Sprintf("%s of %s belongs to %s, which set it %s", o.Path, o.File, o.by, timeAgo(g.Clock.Now().Sub(o.commit.Time)))
		if by := o.commit.By(); by != "" {
			text += " by " + by
		}
		texts = append(texts, text+" in "+o.commit.SHA.Short())
		taken := strings.TrimSpace(fmt.Sprintf("owner %s@%s %s", o.by.repository, o.commit.SHA, o.by.service))
		if !slices.Contains(v.Overridden, taken) {
			v.Overridden = append(v.Overridden, taken)
		}
	}
	if b.Force {
		v.Notices = append(v.Notices, "forced: "+strings.Join(texts, "; ")+"; it is taken over")
		return v, nil
	}
	return Verdict{}, problem.New(problem.Refused,
		"correct `set` in astrago.yaml, if it was copied from there\nif the service or its repository has another name now, write the "+
			"old one into `formerly` of astrago.yaml\nto take the value over for good: add -force",
		"refusing to deploy %s to %s@%s: the value of another application would be replaced\n  %s",
		b.Service, b.Deployment.Repository, b.Deployment.Branch, strings.Join(texts, "\n  "))
}

// foreignValues finds the last writer of each value that changes, and returns those that others own.
func (g Guards) foreignValues(ctx context.Context, b bump.Bump, draft *edit.Draft) ([]ownedValue, error) {
	var all []*evidence
	for _, a := range draft.Assigned {
		if a.Before != "" && a.Before != a.After {
			all = append(all, &evidence{Assignment: a})
		}
	}
	isOpen := func(e *evidence) bool { return e.setHere == nil }
	for _, commit := range draft.Snapshot.History {
		for _, e := range all {
			e.addCommit(b, commit)
		}
	}
	// Further back only what no commit in view says anything of.
	unknown := slices.DeleteFunc(slices.Clone(all), func(e *evidence) bool { return !e.isEmpty() })
	if len(unknown) > 0 && len(draft.Snapshot.History) >= repo.HistoryDepth {
		left := ownerDepth
		err := g.Store.History(ctx, draft.Snapshot, b.Deployment, false, func(at *repo.Snapshot) (bool, error) {
			for _, e := range unknown {
				e.addCommit(b, at.History[0])
			}
			left--
			return left > 0 && slices.ContainsFunc(unknown, isOpen), nil
		})
		if err != nil {
			return nil, err
		}
	}
	var foreign []ownedValue
	for _, e := range all {
		if owner := e.owner(); owner != nil && !owner.ours {
			foreign = append(foreign, ownedValue{e.Assignment, owner.by, owner.commit})
		}
	}
	return foreign, nil
}
