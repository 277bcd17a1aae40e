package status

import (
	"context"
	"errors"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// sourceOf tells of a commit of the application what it is and how far it is behind a branch. Each is asked for once.
func (sc *statusCollector) sourceOf(ctx context.Context, sha, branch string) *status.Source {
	ask := sync.OnceValue(func() status.Source { return sc.measureDistance(ctx, sha, branch) })
	known, _ := sc.distances.LoadOrStore([2]string{sha, branch}, ask)
	found := known.(func() status.Source)()
	return &found
}

func (sc *statusCollector) measureDistance(ctx context.Context, sha, branch string) status.Source {
	d, err := git.Measure(ctx, sc.env.Project.Commit.Root, sha, branch)
	if err == nil && (d.Reason != "" || d.Ahead > 0) { // the clone may not be fetched
		if asked, other := sc.measureOnGitHub(ctx, d, branch); other == nil {
			d = asked
		} else {
			d.Reason, err = joinReasons(d.Reason, other), nil
		}
	}
	s := status.Source{
		SHA: d.Commit.SHA, Title: d.Commit.Title, Author: d.Commit.Author, Time: timePointer(d.Commit.Time.UTC()),
		Ahead: d.Ahead, Reason: d.Reason,
	}
	if err != nil {
		s.SHA, s.Reason = sha, errorReason(err)
	}
	if s.Reason == "" {
		s.Behind = &d.Behind
	}
	if sc.env.Project.Commit.URL != "" && len(s.SHA) >= 40 {
		s.URL = sc.env.Project.Commit.URL + "/commit/" + s.SHA
	}
	return s
}

// joinReasons says both why the clone does not know and why GitHub could not be asked.
func joinReasons(reason string, err error) string {
	switch {
	case reason == "":
		return ""
	case errors.Is(err, github.ErrNoAccess):
		return reason + ", and GITHUB_TOKEN may not ask GitHub"
	}
	return reason + ", and " + errorReason(err)
}

// measureOnGitHub keeps what the clone knows of the commit. It takes GITHUB_TOKEN, or else tries what deploys.
func (sc *statusCollector) measureOnGitHub(ctx context.Context, local git.Distance, branch string) (git.Distance, error) {
	if sc.env.Project.Commit.Repository == "" || branch == "" {
		return local, errors.New("no remote names the application's repository on GitHub, or no branch is known")
	}
	comparer, err := cli.ApplicationComparer(sc.env.Clients)
	if err != nil {
		return local, err
	}
	asked, err := comparer.Measure(ctx, sc.env.Project.Commit.Repository, local.Commit.SHA, branch)
	if err == nil && asked.Reason != "" {
		err = errors.New(asked.Reason)
	}
	if asked.Commit.Title == "" {
		asked.Commit = local.Commit
	}
	return asked, err
}
