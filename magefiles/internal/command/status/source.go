package status

import (
	"context"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// distanceKey asks how far a commit is from the tip of a branch.
type distanceKey struct {
	sha    commitid.ID
	branch string
}

// sourceOf tells of a commit of the application what it is and how far it is behind a branch. Each is asked for once.
func (sc *statusCollector) sourceOf(ctx context.Context, sha commitid.ID, branch string) *status.Source {
	ask := sync.OnceValue(func() status.Source { return sc.measureDistance(ctx, sha, branch) })
	known, _ := sc.distances.LoadOrStore(distanceKey{sha, branch}, ask)
	found := known.(func() status.Source)()
	return &found
}

func (sc *statusCollector) measureDistance(ctx context.Context, sha commitid.ID, branch string) status.Source {
	d, err := sc.env.Clients.Measure(ctx, sha, branch)
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
	if sc.env.Project.Commit.URL != "" && s.SHA.IsWhole() {
		s.URL = sc.env.Project.Commit.URL + "/commit/" + string(s.SHA)
	}
	return s
}
