// Package history searches the commits of a deployment repository: which bump a tag came from, since when it is deployed, and what
// was deployed before it.
package history

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Walker visits the commits of d's files, newest first, as repo.Store does.
type Walker interface {
	History(ctx context.Context, from *repo.Snapshot, d plan.Deployment, contents bool, visit func(*repo.Snapshot) (bool, error)) error
}

// Finder searches the commits that a Walker visits. It is safe for concurrent use.
type Finder struct {
	walker   Walker
	formerly []string
}

// NewFinder returns a Finder; formerly are names that the application's repository and service had before: commits that name them
// are its own.
func NewFinder(w Walker, formerly []string) Finder { return Finder{walker: w, formerly: formerly} }

// IsSelf reports whether a repository that a trailer names is the application's, be it under a name that it had before.
func (f Finder) IsSelf(application, repository string) bool {
	return trailer.IsSelf(f.formerly, application, repository)
}
