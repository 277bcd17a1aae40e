package cli

import (
	"context"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
)

// ancestry answers the order guard: from the clone, which costs nothing, and from GitHub where the clone does not reach. It
// is asked before the build and before the commit, and remembers the answers: history does not change.
type ancestry struct {
	clients *Clients
	mu      sync.Mutex
	known   map[[2]commitid.ID]git.Comparison
}

var _ bump.Ancestry = (*ancestry)(nil)

func newAncestry(c *Clients) *ancestry {
	return &ancestry{clients: c, known: map[[2]commitid.ID]git.Comparison{}}
}

// Compare implements bump.Ancestry.
func (a *ancestry) Compare(ctx context.Context, base, head commitid.ID) (git.Comparison, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	question := [2]commitid.ID{base, head}
	if answer, ok := a.known[question]; ok {
		return answer, nil
	}
	answer, err := a.compareOnce(ctx, base, head)
	if err != nil {
		return answer, err
	}
	a.known[question] = answer
	return answer, nil
}

// compareOnce asks the clone first, which costs nothing, then its origin, and at last GitHub.
func (a *ancestry) compareOnce(ctx context.Context, base, head commitid.ID) (git.Comparison, error) {
	root := a.clients.project.Plan.Commit.Root
	answer, err := git.Compare(ctx, root, base, head)
	for range 2 { // each of the two commits may be missing
		if err != nil || answer.Missing == "" {
			break
		}
		var found bool
		if found, err = git.Fetch(ctx, root, answer.Missing); err != nil || !found {
			break
		}
		answer, err = git.Compare(ctx, root, base, head)
	}
	if err == nil && answer.Relation == git.Unknown {
		answer, err = a.askGitHub(ctx, answer, head)
	}
	return answer, err
}

// askGitHub asks as all that may be able to see the application repository. That none can leaves the order unknown, which the guard
// refuses with the ways to let it know.
func (a *ancestry) askGitHub(ctx context.Context, local git.Comparison, head commitid.ID) (answer git.Comparison, err error) {
	repository := a.clients.project.Plan.Commit.Repository
	if repository == "" {
		local.Reason = joinReasons(local.Reason, "no remote names its repository on GitHub")
		return local, nil
	}
	unknown, err := a.clients.askGitHub(a.clients.note, repository, func(comparer *github.Comparer) (reason string, err error) {
		answer, err = comparer.Compare(ctx, repository, local.Base.SHA, head)
		return reasonOf(answer.Relation, answer.Reason), err
	})
	if err != nil || unknown != "" {
		local.Reason = joinReasons(local.Reason, unknown)
		return local, err
	}
	return answer, nil
}
