package diagnosis

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// NoRepository is the Problem of a repository that cannot be seen: GitHub answers the same for a repository that does not
// exist and for one that the token may not see.
func NoRepository(d plan.Deployment, by github.Identity) error {
	return problem.New(problem.Failed, "check deploy.repository in astrago.yaml\n"+identity(by).needs(d),
		"reading %s: no such repository, or %s has no access to it", d.Repository, identity(by).name())
}

// NoBranch is the Problem of a branch that does not exist.
func NoBranch(d plan.Deployment) error {
	return problem.New(problem.Refused,
		"check deploy.branch in astrago.yaml; the branches that exist: gh api repos/"+d.Repository+"/branches --jq '.[].name'",
		"reading %s: it has no branch %q", d.Repository, d.Branch)
}
