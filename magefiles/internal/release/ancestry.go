package release

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// ancestry answers the order guard: from the clone, which costs nothing, and from GitHub where the clone does not reach. It
// is asked before the build and before the commit, and remembers what it was told: history does not change.
type ancestry struct {
	session *session
	mu      sync.Mutex
	known   map[[2]string]source.Comparison
}

var _ deployment.Ancestry = (*ancestry)(nil)

// Compare implements deployment.Ancestry.
func (a *ancestry) Compare(ctx context.Context, base, head string) (source.Comparison, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	question := [2]string{base, head}
	if answer, ok := a.known[question]; ok {
		return answer, nil
	}
	answer, err := source.Compare(ctx, a.session.plan.Commit.Root, base, head)
	if err == nil && answer.Relation == source.Unknown {
		answer, err = a.session.askGitHub(ctx, answer, head)
	}
	if err != nil {
		return answer, err
	}
	a.known[question] = answer
	return answer, nil
}

// askGitHub takes GITHUB_TOKEN, which must be able to answer where it is set. Without it DEPLOY_TOKEN may happen to see the
// application repository too; that it does not is no mistake, and leaves the order unknown.
func (s *session) askGitHub(ctx context.Context, local source.Comparison, head string) (source.Comparison, error) {
	repository, own := s.plan.Commit.Repository, s.vars.Get(vars.GitHubToken) != ""
	if repository == "" {
		local.Reason += ", and no remote names its repository on GitHub"
		return local, nil
	}
	name := vars.DeployToken
	if own {
		name = vars.GitHubToken
	}
	options := s.gitHub(name)
	comparer, err := deployment.NewComparer(options, string(name))
	if err != nil {
		return local, err
	}
	answer, err := comparer.Compare(ctx, repository, local.Base.SHA, head)
	switch {
	case errors.Is(err, deployment.ErrNoAccess) && !own:
		local.Reason += ", and without GITHUB_TOKEN nobody may ask GitHub"
		return local, nil
	case err != nil:
		return local, err
	case answer.Relation == source.Unknown:
		answer.Reason = local.Reason + ", and " + cmp.Or(answer.Reason, "GitHub does not tell")
	}
	return answer, nil
}
