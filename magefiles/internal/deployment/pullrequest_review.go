package deployment

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	gogithub "github.com/google/go-github/v62/github"
)

// requestReviews asks those whom the configuration names, unless somebody has reviewed this very commit: GitHub takes a
// reviewer off the list by then, and asking again would only annoy.
func (c *Client) requestReviews(ctx context.Context, p proposal, pull *gogithub.PullRequest, head string) error {
	wanted := missingReviewers(p.Deployment.PullRequest.Reviewers, pull)
	if len(wanted.Reviewers)+len(wanted.TeamReviewers) == 0 {
		return nil
	}
	client := c.rest.client()
	owner, name := split(p.draft.Snapshot.Repository)
	doing := fmt.Sprintf("requesting reviews of pull request #%d of", pull.GetNumber())
	reviews, res, err := client.PullRequests.ListReviews(ctx, owner, name, pull.GetNumber(), &gogithub.ListOptions{PerPage: 100})
	if err = c.rest.refusal(res, err); err != nil {
		return diagnose(err, p.Deployment, doing)
	}
	if slices.ContainsFunc(reviews, func(r *gogithub.PullRequestReview) bool { return r.GetCommitID() == head }) {
		return nil
	}
	_, res, err = client.PullRequests.RequestReviewers(ctx, owner, name, pull.GetNumber(), wanted)
	err = c.rest.refusal(res, err)
	if hasStatus(err, http.StatusUnprocessableEntity) { // the author, or somebody without access: others may still review
		c.notice(fmt.Sprintf("%s %s@%s: %v", doing, p.draft.Snapshot.Repository, p.draft.Snapshot.Branch, err))
		return nil
	}
	return diagnosed(err, p, doing)
}

// missingReviewers splits the configured names into people and teams, without those who are asked already.
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
