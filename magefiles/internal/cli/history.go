package cli

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// ReadRange returns what lies between two commits of the application: from the clone, or from GitHub where the clone does not tell.
// That nothing tells is git.Unknown with the reasons; it fetches nothing, and says nothing of waits.
func (c *Clients) ReadRange(ctx context.Context, base, head string, most int) (git.Range, error) {
	local, err := git.ReadRange(ctx, c.project.Commit.Root, base, head, most)
	if err != nil || local.Relation != git.Unknown {
		return local, err
	}
	repository := c.project.Commit.Repository
	if repository == "" {
		return local, nil
	}
	var asked git.Range
	blind, err := c.askGitHub(nil, repository, func(comparer *github.Comparer) (err error) {
		asked, err = comparer.ReadRange(ctx, repository, base, head, most)
		return err
	})
	switch {
	case err != nil:
		return local, err
	case blind != "":
		local.Reason += ", and " + blind
		return local, nil
	case asked.Relation == git.Unknown:
		asked.Reason = local.Reason + ", and " + cmp.Or(asked.Reason, "GitHub does not tell")
	}
	return asked, nil
}

// PullRequestLabels returns the labels of pull requests of the application, as far as a token may see them.
func (c *Clients) PullRequestLabels(ctx context.Context, numbers []int) (labels map[int][]string, err error) {
	repository := c.project.Commit.Repository
	if repository == "" || len(numbers) == 0 {
		return nil, nil
	}
	_, err = c.askGitHub(nil, repository, func(comparer *github.Comparer) (err error) {
		labels, err = comparer.Labels(ctx, repository, numbers)
		return err
	})
	return labels, err
}

// askGitHub asks with each token that may be able to see the application repository, the workflow's own and that of what deploys, until
// one may. blind says that none may, else it is ""; notice is told of waits, nil where the caller does not wait.
func (c *Clients) askGitHub(notice func(string), repository string, ask func(*github.Comparer) error) (blind string, err error) {
	var names []string
	for _, reach := range applicationReaders(c) {
		options, err := reach()
		if err != nil {
			return "", err
		}
		options.Notice = notice
		comparer, err := github.NewComparer(options, options.Identity.Name)
		if err != nil {
			return "", err
		}
		if err = ask(comparer); !errors.Is(err, github.ErrNoAccess) {
			return "", err
		}
		names = append(names, options.Identity.Name)
	}
	if len(names) == 0 {
		return "no token is set that could ask GitHub for " + repository, nil
	}
	return "on GitHub " + strings.Join(names, " and ") + " may not see " + repository, nil
}

// applicationReaders returns how to reach GitHub with each token that is set and may see the application repository.
func applicationReaders(c *Clients) (all []func() (github.Options, error)) {
	if c.vars.Get(vars.GitHubToken) != "" {
		all = append(all, func() (github.Options, error) {
			options := c.GitHub(vars.GitHubToken)
			options.Identity.Name = string(vars.GitHubToken)
			return options, nil
		})
	}
	if c.deployer.IsSet() {
		all = append(all, c.deployer.GitHub)
	}
	return all
}
