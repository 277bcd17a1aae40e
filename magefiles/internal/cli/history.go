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
	blind, err := c.askGitHub(func(comparer *github.Comparer) (err error) {
		asked, err = comparer.ReadRange(ctx, repository, base, head, most)
		return err
	})
	switch {
	case err != nil:
		return local, err
	case blind != "":
		local.Reason += ", and on GitHub " + blind + " may not see " + repository
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
	_, err = c.askGitHub(func(comparer *github.Comparer) (err error) {
		labels, err = comparer.Labels(ctx, repository, numbers)
		return err
	})
	return labels, err
}

// askGitHub asks with each token that may be able to see the application repository, until one may. blind names those that may not.
func (c *Clients) askGitHub(ask func(*github.Comparer) error) (blind string, err error) {
	var names []string
	for _, name := range []vars.Name{vars.GitHubToken, vars.DeployToken} {
		if c.vars.Get(name) == "" {
			continue
		}
		options := c.GitHub(name)
		options.Notice = nil // its caller does not wait
		comparer, err := github.NewComparer(options, string(name))
		if err != nil {
			return "", err
		}
		if err = ask(comparer); !errors.Is(err, github.ErrNoAccess) {
			return "", err
		}
		names = append(names, string(name))
	}
	return cmp.Or(strings.Join(names, " and "), "no token"), nil
}
