package proposal

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/diagnosis"
)

// requestReviews requests the configured reviews, unless this very commit has one: GitHub takes a
// reviewer off the list by then, and asking again would only annoy.
func (p Proposer) requestReviews(ctx context.Context, pr proposal, pull *gogithub.PullRequest, head commitid.ID) error {
	wanted := missingReviewers(pr.bump.Deployment.PullRequest.Reviewers, pull)
	if len(wanted.Reviewers)+len(wanted.TeamReviewers) == 0 {
		return nil
	}
	client := p.Store.GitHub(pr.draft.Snapshot)
	owner, name := github.SplitRepository(pr.draft.Snapshot.Repository)
	doing := fmt.Sprintf("requesting reviews of pull request #%d of", pull.GetNumber())
	type review struct {
		Commit commitid.ID `json:"commit_id"`
	}
	reviews, err := github.List[review](ctx, client,
		"repos", pr.draft.Snapshot.Repository, "pulls", strconv.Itoa(pull.GetNumber()), "reviews")
	if err != nil {
		return diagnosis.Explain(err, pr.bump.Deployment, doing)
	}
	if slices.ContainsFunc(reviews, func(r review) bool { return r.Commit == head }) {
		return nil
	}
	_, res, err := client.REST().PullRequests.RequestReviewers(ctx, owner, name, pull.GetNumber(), wanted)
	err = client.Refusal(res, err)
	if github.HasStatus(err, http.StatusUnprocessableEntity) { // the author, or an account without access: others may still review
		p.Notice(fmt.Sprintf("%s %s@%s: %v", doing, pr.draft.Snapshot.Repository, pr.draft.Snapshot.Branch, err))
		return nil
	}
	return explainFailure(err, pr, doing)
}

// missingReviewers splits the configured names into people and teams, without those that are requested already.
func missingReviewers(configured []string, pull *gogithub.PullRequest) gogithub.ReviewersRequest {
	var wanted gogithub.ReviewersRequest
	for _, who := range configured {
		if _, slug, isTeam := strings.Cut(who, "/"); isTeam {
			asked := slices.ContainsFunc(pull.RequestedTeams, func(t *gogithub.Team) bool { return strings.EqualFold(t.GetSlug(), slug) })
			if !asked {
				wanted.TeamReviewers = append(wanted.TeamReviewers, slug)
			}
			continue
		}
		asked := slices.ContainsFunc(pull.RequestedReviewers, func(u *gogithub.User) bool { return strings.EqualFold(u.GetLogin(), who) })
		if !asked {
			wanted.Reviewers = append(wanted.Reviewers, who)
		}
	}
	return wanted
}
