package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// ErrNoAccess is in the chain of errors that say that a token may not see the application repository.
var ErrNoAccess = errors.New("the token may not see the repository")

// Comparer asks GitHub how commits stand to each other. It is safe for concurrent use.
type Comparer struct{ application }

// NewComparer returns a Comparer for the GitHub of o, whose Identity names the token. Its errors are configuration errors
// (problem.Usage).
func NewComparer(o Options) (*Comparer, error) {
	application, err := newApplication(o)
	if err != nil {
		return nil, err
	}
	return &Comparer{application}, nil
}

// Compare returns how head stands to base in a repository (owner/name). Base may be abbreviated. A commit that GitHub does not
// know in a repository that the token may see gives git.Unknown.
// https://docs.github.com/en/rest/commits/commits#compare-two-commits
func (c *Comparer) Compare(ctx context.Context, repository string, base, head commitid.ID) (git.Comparison, error) {
	if !base.IsValid() || !head.IsValid() {
		return git.Comparison{}, fmt.Errorf("comparing %q with %q: these are no commit ids", base, head)
	}
	found, unknown, err := c.compareCommits(ctx, repository, base, string(head))
	if found == nil || err != nil {
		return unknown, err
	}
	return git.Comparison{Relation: relationOf(found.GetStatus()), Base: sourceCommit(found.GetBaseCommit())}, nil
}

// Measure returns how far a commit, which may be abbreviated, is from the tip of a branch of a repository (owner/name).
func (c *Comparer) Measure(ctx context.Context, repository string, commit commitid.ID, branch string) (git.Distance, error) {
	if !commit.IsValid() || branch == "" {
		return git.Distance{}, fmt.Errorf("comparing %q with branch %q: one of them is none", commit, branch)
	}
	found, unknown, err := c.compareCommits(ctx, repository, commit, branch)
	if found == nil || err != nil {
		return git.Distance{Commit: unknown.Base, Reason: unknown.Reason}, err
	}
	return git.Distance{Commit: sourceCommit(found.GetBaseCommit()), Behind: found.GetAheadBy(), Ahead: found.GetBehindBy()}, nil
}

// compareCommits asks GitHub how a commit or a branch stands to base; where it does not know, nil with what is known instead.
func (c *Comparer) compareCommits(
	ctx context.Context, repository string, base commitid.ID, head string,
) (*gogithub.CommitsComparison, git.Comparison, error) {
	ctx, cancel := c.withDeadline(ctx)
	defer cancel()
	client := c.clients.For(repository)
	owner, name := SplitRepository(repository)
	// The diff, up to 300 files of it, is on the first page only.
	page := &gogithub.ListOptions{Page: 2, PerPage: 1}
	found, res, err := client.REST().Repositories.CompareCommits(ctx, owner, name, string(base), head, page)
	err = client.Refusal(res, err)
	unknown := git.Comparison{Relation: git.Unknown, Base: git.Commit{SHA: base}}
	switch {
	case err == nil && !base.Abbreviates(commitid.ID(found.GetBaseCommit().GetSHA())):
		unknown.Reason = repository + " has a branch that is named like the commit"
		return nil, unknown, nil
	case err == nil:
		return found, unknown, nil
	case HasStatus(err, http.StatusNotFound) && strings.Contains(err.Error(), "No common ancestor"):
		unknown.Relation = git.Diverged
		unknown.Reason = "they have no common ancestor"
		return nil, unknown, nil
	case HasStatus(err, http.StatusNotFound):
		unknown.Reason = repository + " has no such commit"
		return nil, unknown, c.checkVisible(ctx, client, repository)
	}
	return nil, unknown, c.explainFailure(err, repository)
}

// checkVisible distinguishes a missing commit from a repository that the token may not see: GitHub answers 404 to both.
func (c *Comparer) checkVisible(ctx context.Context, client *Client, repository string) error {
	owner, name := SplitRepository(repository)
	_, res, err := client.REST().Repositories.Get(ctx, owner, name)
	return c.explainFailure(client.Refusal(res, err), repository)
}

func (c *Comparer) explainFailure(err error, repository string) error {
	e, refused := errors.AsType[*StatusError](err)
	switch {
	case err == nil:
		return nil
	case refused && e.Limited:
		return problem.New(problem.Failed, problem.Again+", in a few minutes",
			"asking GitHub for the order of commits in %s: the rate limit of %s is used up: %w", repository, c.token, err)
	case HasStatus(err, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound):
		return problem.New(problem.Failed,
			"let "+c.token+" have Contents: read on "+repository+" (in a workflow: permissions: contents: read, and env: GITHUB_TOKEN: "+
				"${{ github.token }}),\n"+
				"or check out the whole history (actions/checkout with fetch-depth: 0; git fetch --unshallow),\n"+
				"or deploy without knowing the order: add -force",
			"asking GitHub for the order of commits in %s: %w (%s): %w", repository, ErrNoAccess, c.token, err)
	}
	return fmt.Errorf("asking GitHub for the order of commits in %s: %w", repository, err)
}

// relationOf is GitHub's word where it is one that is known here.
func relationOf(status string) git.Relation {
	switch r := git.Relation(status); r {
	case git.Ahead, git.Identical, git.Behind, git.Diverged:
		return r
	}
	return git.Unknown
}

func sourceCommit(c *gogithub.RepositoryCommit) git.Commit {
	title, _, _ := strings.Cut(c.GetCommit().GetMessage(), "\n")
	return git.Commit{
		SHA: commitid.ID(c.GetSHA()), Title: title, Author: c.GetCommit().GetAuthor().GetName(),
		Time: c.GetCommit().GetCommitter().GetDate().UTC(),
	}
}
