package github

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
)

// pageSize is the most that GitHub lists at once.
const pageSize = 100

// ReadRange returns what lies between two commits of a repository (owner/name), either of which may be abbreviated: of each side the
// newest commits, most of them at most. A commit that GitHub does not know gives git.Unknown.
func (c *Comparer) ReadRange(ctx context.Context, repository string, base, head commitid.ID, most int) (git.Range, error) {
	if !base.IsValid() || !head.IsValid() {
		return git.Range{}, fmt.Errorf("comparing %q with %q: these are no commit ids", base, head)
	}
	r := git.Range{Head: head}
	found, unknown, err := c.compareCommits(ctx, repository, base, string(head))
	if found == nil || err != nil {
		r.Comparison = unknown
		if unknown.Relation == git.Diverged { // no common ancestor: GitHub lists nothing
			r.Relation = git.Unknown
		}
		return r, err
	}
	r.Comparison = git.Comparison{Relation: relationOf(found.GetStatus()), Base: sourceCommit(found.GetBaseCommit())}
	ctx, cancel := c.withDeadline(ctx)
	defer cancel()
	if r.Brings, err = c.history(ctx, repository, r.Base.SHA, head, found.GetAheadBy(), most); err == nil {
		r.TakesBack, err = c.history(ctx, repository, head, r.Base.SHA, found.GetBehindBy(), most)
	}
	return r, err
}

// history lists the newest commits that head has and without lacks, of which there are count. GitHub lists the oldest first.
func (c *Comparer) history(ctx context.Context, repository string, without, head commitid.ID, count, most int) (git.History, error) {
	h := git.History{Count: count}
	client := c.clients.For(repository)
	owner, name := SplitRepository(repository)
	for page := (count + pageSize - 1) / pageSize; page > 0 && len(h.Commits) < most; page-- {
		found, res, err := client.REST().Repositories.CompareCommits(ctx, owner, name, string(without), string(head),
			&gogithub.ListOptions{Page: page, PerPage: pageSize})
		if err = client.Refusal(res, err); err != nil {
			return h, c.explainFailure(err, repository)
		}
		for _, commit := range slices.Backward(found.Commits) {
			h.Commits = append(h.Commits, historyCommit(commit))
		}
	}
	h.Commits = h.Commits[:min(len(h.Commits), most)]
	return h, nil
}

func historyCommit(c *gogithub.RepositoryCommit) git.HistoryCommit {
	commit := git.HistoryCommit{
		SHA: commitid.ID(c.GetSHA()), Author: c.GetCommit().GetAuthor().GetName(), Time: c.GetCommit().GetCommitter().GetDate().UTC(),
		Message: c.GetCommit().GetMessage(),
	}
	for _, parent := range c.Parents {
		commit.Parents = append(commit.Parents, commitid.ID(parent.GetSHA()))
	}
	return commit
}

// mostQuestions bounds how many pull requests are asked for at once.
const mostQuestions = 8

// Labels returns the labels of pull requests by their numbers, as far as the token may see them. A number that is no pull request's
// has none.
func (c *Comparer) Labels(ctx context.Context, repository string, numbers []int) (map[int][]string, error) {
	ctx, cancel := c.withDeadline(ctx)
	defer cancel()
	client := c.clients.For(repository)
	owner, name := SplitRepository(repository)
	var mu sync.Mutex
	labels := map[int][]string{}
	err := parallel.Each(ctx, mostQuestions, numbers, func(ctx context.Context, _, number int) error {
		pull, res, err := client.REST().PullRequests.Get(ctx, owner, name, number)
		err = client.Refusal(res, err)
		switch {
		case HasStatus(err, http.StatusNotFound):
			return nil
		case HasStatus(err, http.StatusUnauthorized, http.StatusForbidden):
			return fmt.Errorf("%w (%s): %w", ErrNoAccess, c.token, err)
		case err != nil:
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for _, label := range pull.Labels {
			labels[number] = append(labels[number], label.GetName())
		}
		return nil
	})
	if err != nil {
		return labels, fmt.Errorf("asking GitHub for labels in %s: %w", repository, err)
	}
	return labels, nil
}
