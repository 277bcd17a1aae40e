package deployment

import (
	"context"
	"errors"
	"fmt"
	"slices"

	gogithub "github.com/google/go-github/v62/github"
)

// PullRequest is where a bump waits for approval, or went through.
type PullRequest struct {
	Number int
	URL    string // for people
	Merged bool
}

// proposal is a bump on its way through a pull request: one commit on top of the base, on a branch of its own that later
// bumps of the same service and environment take over.
type proposal struct {
	Bump
	draft   *Draft
	pending *pending
	verdict verdict
	message message
}

// propose opens a pull request, or brings the open one up to date. It starts again from the base's new head as Bump does.
func (c *Client) propose(ctx context.Context, b Bump) (*Result, error) {
	draft, err := c.begin(ctx, b)
	if err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		result, failure := c.proposeOn(ctx, b, draft, n)
		if !errors.Is(failure, errStale) && !errors.Is(failure, errUncertain) {
			return result, failure
		}
		if n == c.attempts {
			return nil, exhausted(b, failure, n)
		}
		base, err := c.again(ctx, b, draft.Snapshot, failure, n)
		if err != nil {
			return nil, err
		}
		if draft, err = b.redraft(ctx, draft, base); err != nil {
			return nil, err
		}
	}
}

func (c *Client) proposeOn(ctx context.Context, b Bump, draft *Draft, n int) (_ *Result, err error) {
	if len(draft.Files) == 0 {
		return unchanged(draft, b.ID(), n-1), nil
	}
	p := proposal{Bump: b, draft: draft}
	if p.pending, err = c.pendingOf(ctx, b, draft.Snapshot); err != nil {
		return nil, err
	}
	if p.verdict, err = c.judgeAll(ctx, b, draft, p.pending); err != nil {
		return nil, err
	}
	if n == 1 {
		c.tell(p.verdict.notices)
	}
	if draft, err = draft.without(b.Environment, p.verdict.ended); err != nil {
		return nil, err
	}
	p.draft = draft
	if p.message, err = render(b, draft, p.verdict); err != nil {
		return nil, err
	}
	commit := Commit{SHA: p.pending.head}
	found := p.pending.pull != nil && p.pending.holds(draft)
	if !p.pending.holds(draft) {
		if err := b.ask(ctx, draft); err != nil {
			return nil, err
		}
		if commit, err = c.publish(ctx, p); err != nil {
			return nil, err
		}
	}
	return c.open(ctx, p, commit, found, n)
}

// open makes sure of the pull request and of everything that it is to have.
func (c *Client) open(ctx context.Context, p proposal, commit Commit, found bool, n int) (*Result, error) {
	pull, err := c.pullRequest(ctx, p)
	if err != nil {
		return nil, err
	}
	result := changed(p.draft, commit, p.ID(), n)
	result.PullRequest = &PullRequest{Number: pull.GetNumber(), URL: pull.GetHTMLURL()}
	if found {
		result.Changes, result.UpToDate = nil, true
	}
	if err := errors.Join(c.label(ctx, p, pull), c.requestReviews(ctx, p, pull, commit.SHA)); err != nil {
		return nil, err
	}
	if !p.Deployment.PullRequest.AutoMerge {
		return result, nil
	}
	merged, err := c.autoMerge(ctx, p, pull, commit.SHA)
	if err == nil && merged != "" {
		result.Commit, result.URL, result.PullRequest.Merged = merged, "", true
		result.Changes, result.UpToDate = p.draft.Changes, false
	}
	return result, err
}

// pullRequest finds the open pull request or makes one, with our title and text.
func (c *Client) pullRequest(ctx context.Context, p proposal) (*gogithub.PullRequest, error) {
	client, base := c.rest.client(), p.draft.Snapshot
	owner, name := split(base.Repository)
	title, body := p.message.headline, p.body()
	pull := p.pending.pull
	if pull == nil {
		made, res, err := client.PullRequests.Create(ctx, owner, name, &gogithub.NewPullRequest{
			Title: &title, Body: &body, Head: &p.pending.branch, Base: &base.Branch, MaintainerCanModify: new(false),
		})
		err = c.rest.refusal(res, err)
		if !alreadyExists(err) {
			return made, diagnosed(err, p, "opening a pull request to")
		}
		if pull, err = c.openPull(ctx, base, p.pending.branch); err != nil {
			return nil, err
		}
		if pull == nil {
			return nil, fmt.Errorf("opening a pull request to %s: %w: it says that one exists, and lists none", base.Repository, errUncertain)
		}
	}
	if pull.GetTitle() == title && pull.GetBody() == body {
		return pull, nil
	}
	edited, res, err := client.PullRequests.Edit(ctx, owner, name, pull.GetNumber(), &gogithub.PullRequest{Title: &title, Body: &body})
	return edited, diagnosed(c.rest.refusal(res, err), p, fmt.Sprintf("updating pull request #%d of", pull.GetNumber()))
}

func (c *Client) label(ctx context.Context, p proposal, pull *gogithub.PullRequest) error {
	missing := slices.DeleteFunc(slices.Clone(p.Deployment.PullRequest.Labels), func(want string) bool {
		return slices.ContainsFunc(pull.Labels, func(l *gogithub.Label) bool { return l.GetName() == want })
	})
	if len(missing) == 0 {
		return nil
	}
	owner, name := split(p.draft.Snapshot.Repository)
	_, res, err := c.rest.client().Issues.AddLabelsToIssue(ctx, owner, name, pull.GetNumber(), missing)
	return diagnosed(c.rest.refusal(res, err), p, fmt.Sprintf("labelling pull request #%d of", pull.GetNumber()))
}

// diagnosed is nil for no error.
func diagnosed(err error, p proposal, doing string) error {
	if err == nil {
		return nil
	}
	return diagnose(err, p.Deployment, doing)
}
