package github_test

import (
	"strings"
	"testing"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func (f *fixture) enableAutoMerge(id, head string) graph {
	f.t.Helper()
	return f.query(token, `mutation($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { clientMutationId }
}`, map[string]any{"input": map[string]any{"pullRequestId": id, "mergeMethod": "SQUASH", "expectedHeadOid": head}})
}

func TestAutoMerge(t *testing.T) {
	f := start(t)
	c := f.client(token)
	opened := f.propose(c, "tag: two\n")
	refuses := func(rules github.Merging, head, text string) {
		t.Helper()
		if err := f.SetMerging(repo, rules); err != nil {
			t.Fatal(err)
		}
		if g := f.enableAutoMerge(opened.GetNodeID(), head); len(g.Errors) != 1 || !strings.Contains(g.Errors[0].Message, text) {
			t.Errorf("%v, want %q", g.Errors, text)
		}
	}
	head := opened.GetHead().GetSHA()
	refuses(github.Merging{}, head, "Pull request is in clean status")
	refuses(github.Merging{Checks: true}, head, "Pull request is in unstable status")
	refuses(github.Merging{Review: true, NoAutoMerge: true}, head, "Auto merge is not allowed for this repository")
	refuses(github.Merging{Review: true}, f.head(), "Expected head OID")

	if g := f.enableAutoMerge(opened.GetNodeID(), head); g.Errors != nil {
		t.Fatal(g.Errors)
	}
	got := must[*gogithub.PullRequest](t)(c.PullRequests.Get(t.Context(), owner, name, 1))
	if got.GetAutoMerge().GetMergeMethod() != "squash" || got.GetMergeableState() != "blocked" {
		t.Errorf("pull request = %v", got)
	}
	_, _, err := c.PullRequests.Merge(t.Context(), owner, name, 1, "", nil)
	refused(t, err, 405, "At least 1 approving review is required by reviewers with write access.")
}

func TestReviews(t *testing.T) {
	f := start(t)
	c := f.client(token)
	opened := f.propose(c, "tag: two\n")
	must[*gogithub.PullRequest](t)(c.PullRequests.RequestReviewers(t.Context(), owner, name, 1, gogithub.ReviewersRequest{Reviewers: []string{"hubot", "kim"}}))
	if err := f.Review(repo, 1, "hubot"); err != nil {
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
