package cli

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// ReadRange returns what lies between two commits of the application: from the clone, or from GitHub where the clone does not tell.
// That nothing tells is git.Unknown with the reasons; it fetches nothing, and says nothing of waits.
func (c *Clients) ReadRange(ctx context.Context, base, head commitid.ID, most int) (git.Range, error) {
	local, err := git.ReadRange(ctx, c.project.Commit.Root, base, head, most)
	repository := c.project.Commit.Repository
	if err != nil || local.Relation != git.Unknown || repository == "" {
		return local, err
	}
	var asked git.Range
	unknown, err := c.askGitHub(nil, repository, func(comparer *github.Comparer) (reason string, err error) {
		asked, err = comparer.ReadRange(ctx, repository, base, head, most)
		return reasonOf(asked.Relation, asked.Reason), err
	})
	if err != nil || unknown != "" {
		local.Reason = joinReasons(local.Reason, unknown)
		return local, err
	}
	return asked, nil
}

// Measure returns how far a commit of the application, which may be abbreviated, is from the tip of a branch: by the clone, or by GitHub
// where the clone does not tell, or may not be fetched. That neither tells is the Reason.
func (c *Clients) Measure(ctx context.Context, commit commitid.ID, branch string) (git.Distance, error) {
	local, err := git.Measure(ctx, c.project.Commit.Root, commit, branch)
	if err != nil || local.Reason == "" && local.Ahead == 0 {
		return local, err
	}
	repository := c.project.Commit.Repository
	if repository == "" || branch == "" {
		local.Reason = joinReasons(local.Reason, "no remote names the application's repository on GitHub, or no branch is known")
		return local, nil
	}
	var asked git.Distance
	unknown, err := c.askGitHub(c.note, repository, func(comparer *github.Comparer) (reason string, err error) {
		asked, err = comparer.Measure(ctx, repository, local.Commit.SHA, branch)
		return asked.Reason, err
	})
	if err != nil {
		unknown = problem.FirstLine(err)
	}
	if unknown != "" {
		local.Reason = joinReasons(local.Reason, unknown)
		return local, nil
	}
	if asked.Commit.Title == "" {
		asked.Commit = local.Commit
	}
	return asked, nil
}

// PullRequestLabels returns the labels of pull requests of the application, as far as a token may see them.
func (c *Clients) PullRequestLabels(ctx context.Context, numbers []int) (labels map[int][]string, err error) {
	repository := c.project.Commit.Repository
	if repository == "" || len(numbers) == 0 {
		return nil, nil
	}
	_, err = c.askGitHub(nil, repository, func(comparer *github.Comparer) (_ string, err error) {
		labels, err = comparer.Labels(ctx, repository, numbers)
		return "", err
	})
	return labels, err
}

// askGitHub sends every request about the commits of the application repository: with each token that may be able to see it, the workflow's
// own and the deployer's, until one succeeds. unknown is the reason why there is no answer: the one that ask returns, or that no token can
// see the repository; else it is "". notice receives messages about waits; it is nil where the caller does not wait.
func (c *Clients) askGitHub(
	notice func(string), repository string, ask func(*github.Comparer) (unknown string, err error),
) (unknown string, err error) {
	var names []string
	for _, reach := range applicationReaders(c) {
		options, err := reach()
		if err != nil {
			return "", err
		}
		options.Notice = notice
		comparer, err := github.NewComparer(options)
		if err != nil {
			return "", err
		}
		if unknown, err = ask(comparer); !errors.Is(err, github.ErrNoAccess) {
			return unknown, err
		}
		names = append(names, options.Identity.Name)
	}
	if len(names) == 0 {
		return "no token is set that could ask GitHub for " + repository, nil
	}
	return "on GitHub " + strings.Join(names, " and ") + " may not see " + repository, nil
}

// reasonOf returns why GitHub does not know a relation, "" where it does.
func reasonOf(relation git.Relation, reason string) string {
	if relation != git.Unknown {
		return ""
	}
	return cmp.Or(reason, "GitHub does not tell")
}

// joinReasons says both why the clone does not know and why GitHub does not; nothing where the clone knows.
func joinReasons(local, unknown string) string {
	if local == "" || unknown == "" {
		return local
	}
	return local + ", and " + unknown
}

// applicationReaders returns how to reach GitHub with each token that is set and may see the application repository.
func applicationReaders(c *Clients) (all []func() (github.Options, error)) {
	if c.vars.Get(vars.GitHubToken) != "" {
		all = append(all, func() (github.Options, error) { return c.GitHub(vars.GitHubToken), nil })
	}
	if c.deployer.IsSet() {
		all = append(all, c.deployer.GitHub)
	}
	return all
}
