package proposal

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// requireOurs refuses to take over a branch with commits of others. A merge of the base, as the button "Update branch"
// makes it, has nothing of its own.
func (p Proposer) requireOurs(ctx context.Context, pr proposal) error {
	base := pr.draft.Snapshot
	owner, name := github.SplitRepository(base.Repository)
	client := p.Store.GitHub(base)
	found, res, err := client.REST().Repositories.CompareCommits(ctx, owner, name, string(base.Head), string(pr.pending.head),
		&gogithub.ListOptions{PerPage: 100})
	if err = client.Refusal(res, err); err != nil {
		return diagnosis.Explain(err, base.Deployment(), "comparing branch "+pr.pending.branch+" with")
	}
	var foreign []string
	for _, commit := range found.Commits {
		title, _, _ := strings.Cut(commit.GetCommit().GetMessage(), "\n")
		update := len(commit.Parents) == 2 && strings.HasPrefix(title, "Merge branch '"+base.Branch+"' into ")
		if !update && !isOwnCommit(pr.bump, commit.GetCommit().GetMessage()) {
			id, author := commitid.ID(commit.GetSHA()), commit.GetCommit().GetAuthor()
			foreign = append(foreign, fmt.Sprintf("%s %q by %s", id.Short(), title, author.GetName()))
		}
	}
	if more := found.GetTotalCommits() - len(found.Commits); more > 0 {
		foreign = append(foreign, fmt.Sprintf("%d more", more))
	}
	if len(foreign) == 0 {
		return nil
	}
	remedy := "delete the branch: gh api -X DELETE repos/" + base.Repository + "/git/refs/heads/" + pr.pending.branch
	if pr.pending.pull != nil {
		remedy = fmt.Sprintf("merge the pull request, or close it and delete its branch: gh pr close %d --delete-branch --repo %s",
			pr.pending.pull.GetNumber(), base.Repository)
	}
	return problem.New(problem.Refused, remedy, "refusing to replace branch %q of %s: it has commits of others: %s",
		pr.pending.branch, base.Repository, strings.Join(foreign, ", "))
}

// isOwnCommit reports whether a bump of this service to this environment left this message, be it under a former name.
func isOwnCommit(b bump.Bump, message string) bool {
	commit := repo.Commit{Message: message}
	service, repository, isBump := commit.Writer()
	trailers := commit.Trailers()
	return isBump && b.IsOurs(service, repository) && trailers.Get(trailer.Environment) == b.Environment &&
		trailers.Get(trailer.BumpID) != ""
}

// alreadyExists recognises the refusal of a second pull request between two branches.
func alreadyExists(err error) bool {
	return github.HasStatus(err, http.StatusUnprocessableEntity) && strings.Contains(err.Error(), "pull request already exists")
}
