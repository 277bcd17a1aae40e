package repo

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

func (r *restBackend) historyPage(ctx context.Context, s *Snapshot, d plan.Deployment, l fileLine, _ bool) (fileLine, error) {
	number, _ := strconv.Atoi(l.after) // a page's number, set below; empty for the first page
	history, next, err := r.listCommits(ctx, s, l.path, gogithub.ListOptions{Page: number, PerPage: pageDepth})
	if err != nil {
		return l, diagnosis.Explain(err, d, fmt.Sprintf("reading the history of %q of", l.path))
	}
	for _, node := range history.Nodes {
		l.ahead = append(l.ahead, s.atCommit(node.commit()))
	}
	l.after, l.ended = strconv.Itoa(next), next == 0
	return l, nil
}

// contents takes a request for each file: REST has no page of contents.
func (r *restBackend) contents(ctx context.Context, at *Snapshot, d plan.Deployment) error {
	for _, f := range d.Files {
		data, err := r.client.File(ctx, at.Repository, f.Path, at.Head)
		if github.HasStatus(err, http.StatusNotFound) {
			continue // it was not there then
		}
		if err != nil {
			return diagnosis.Explain(err, d, fmt.Sprintf("reading %q of", f.Path))
		}
		at.Files[f.Path] = data
	}
	return nil
}
