package rest_test

import (
	"testing"

	gogithub "github.com/google/go-github/v62/github"
)

func TestReviews(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	opened := f.Propose(c, "tag: two\n")
	must[*gogithub.PullRequest](t)(c.PullRequests.RequestReviewers(t.Context(), owner, name, 1, gogithub.ReviewersRequest{Reviewers: []string{"hubot", "kim"}}))
	if err := f.Server.Review(repo, 1, "hubot"); err != nil {
		t.Fatal(err)
	}
	reviews := must[[]*gogithub.PullRequestReview](t)(c.PullRequests.ListReviews(t.Context(), owner, name, 1, nil))
	if len(reviews) != 1 || reviews[0].GetUser().GetLogin() != "hubot" || reviews[0].GetCommitID() != opened.GetHead().GetSHA() {
		t.Errorf("reviews = %v", reviews)
	}
	if got := must[*gogithub.PullRequest](t)(c.PullRequests.Get(t.Context(), owner, name, 1)); len(got.RequestedReviewers) != 1 {
		t.Errorf("pull request = %v", got)
	}
}
