package proposal

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"slices"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/guard"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// pendingBranch is the branch that pull requests of a service and environment come from, as the last bump left it.
type pendingBranch struct {
	branch   string
	head     commitid.ID           // empty where there is no such branch
	snapshot *repo.Snapshot        // with those of the files that the branch has; nil where it can have nothing of this service
	pull     *gogithub.PullRequest // nil where none is open
	notices  []string              // what of it is proposed again
}

var unsafeInBranch = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// branchName returns the pull request's branch: characters that git refuses in a name, and those that astrago-ci's suffixes may begin with,
// become hyphens.
func branchName(b bump.Bump) string {
	return "astrago/" + unsafeInBranch.ReplaceAllString(b.Service+"-"+b.Environment, "-")
}

func (p Proposer) findPending(ctx context.Context, b bump.Bump, base *repo.Snapshot) (*pendingBranch, error) {
	pending := &pendingBranch{branch: branchName(b)}
	head, err := p.Store.HeadOf(ctx, base, pending.branch)
	switch {
	case errors.Is(err, repo.ErrNoRef):
		return pending, nil
	case err != nil:
		return nil, diagnosis.Explain(err, b.Deployment, "reading branch "+pending.branch+" of")
	}
	pending.head = head
	if pending.pull, err = p.openPull(ctx, base, pending.branch); err != nil {
		return nil, err
	}
	d := b.Deployment
	d.Branch = pending.branch
	snapshot, err := p.readExisting(ctx, d)
	if refused := problem.As(err); err != nil && (refused == nil || refused.Status != problem.Refused) {
		return nil, err
	}
	if err == nil {
		pending.snapshot, pending.head = snapshot, snapshot.Head
	}
	return pending, nil
}

// readExisting reads those of the files that the branch has: one that has come into the deployment since does not end what it proposes.
func (p Proposer) readExisting(ctx context.Context, d plan.Deployment) (*repo.Snapshot, error) {
	for {
		snapshot, err := p.Store.ReadOnce(ctx, d)
		missing, ok := repo.MissingFile(err)
		if !ok || len(d.Files) == 1 && d.Hold == "" {
			return snapshot, err
		}
		d.Files = slices.DeleteFunc(slices.Clone(d.Files), func(f plan.File) bool { return f.Path == missing })
	}
}

// forGuards returns the branch as the guards need it.
func (p *pendingBranch) forGuards() guard.Proposed {
	if p.pull == nil {
		return guard.Proposed{Snapshot: p.snapshot}
	}
	return guard.Proposed{
		Number: p.pull.GetNumber(), Snapshot: p.snapshot, Notices: p.notices,
		Lifted: trailer.Parse(p.pull.GetBody()).Lifted(),
	}
}

// openPull finds the open pull request from a branch to the base, nil where there is none.
func (p Proposer) openPull(ctx context.Context, base *repo.Snapshot, branch string) (*gogithub.PullRequest, error) {
	owner, name := github.SplitRepository(base.Repository)
	client := p.Store.GitHub(base)
	pulls, res, err := client.REST().PullRequests.List(ctx, owner, name, &gogithub.PullRequestListOptions{
		State: "open", Head: owner + ":" + branch, Base: base.Branch,
	})
	if err = client.Refusal(res, err); err != nil {
		return nil, diagnosis.Explain(err, base.Deployment(), "listing pull requests of")
	}
	for _, pull := range pulls { // some servers ignore the filter
		if pull.GetHead().GetRef() == branch && pull.GetBase().GetRef() == base.Branch {
			return pull, nil
		}
	}
	return nil, nil
}

// hasDraft reports whether the branch has what a draft wants, on a base whose files have not changed since.
func (p *pendingBranch) hasDraft(draft *edit.Draft) bool {
	if p.snapshot == nil {
		return false
	}
	for path, original := range draft.Snapshot.Files {
		if !bytes.Equal(p.snapshot.Files[path], draft.Wanted(path, original)) {
			return false
		}
	}
	if !bytes.Equal(p.snapshot.HoldBytes, draft.Wanted(draft.Snapshot.HoldPath, draft.Snapshot.HoldBytes)) {
		return false
	}
	for path, original := range draft.Snapshot.FormerBytes {
		if !bytes.Equal(p.snapshot.FormerBytes[path], draft.Wanted(path, original)) {
			return false
		}
	}
	history := draft.Snapshot.History
	return len(history) == 0 || slices.ContainsFunc(p.snapshot.History, func(c repo.Commit) bool { return c.SHA == history[0].SHA })
}
