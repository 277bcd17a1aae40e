package graph_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func enableAutoMerge(f *githubtest.Fixture, id, head string) githubtest.Answer {
	f.T.Helper()
	return f.Query(token, `mutation($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { clientMutationId }
}`, map[string]any{"input": map[string]any{"pullRequestId": id, "mergeMethod": "SQUASH", "expectedHeadOid": head}})
}

func TestAutoMerge(t *testing.T) {
	f := githubtest.Start(t)
	c := f.Client(token)
	opened := f.Propose(c, "tag: two\n")
	refuses := func(rules github.Merging, head, text string) {
		t.Helper()
		if err := f.Server.SetMerging(repo, rules); err != nil {
			t.Fatal(err)
		}
		if g := enableAutoMerge(f, opened.GetNodeID(), head); len(g.Errors) != 1 || !strings.Contains(g.Errors[0].Message, text) {
			t.Errorf("%v, want %q", g.Errors, text)
		}
	}
	head := opened.GetHead().GetSHA()
	refuses(github.Merging{}, head, "Pull request is in clean status")
	refuses(github.Merging{Checks: true}, head, "Pull request is in unstable status")
	refuses(github.Merging{Review: true, NoAutoMerge: true}, head, "Auto merge is not allowed for this repository")
	refuses(github.Merging{Review: true}, f.Tip(), "Expected head OID")

	if g := enableAutoMerge(f, opened.GetNodeID(), head); g.Errors != nil {
		t.Fatal(g.Errors)
	}
	got := githubtest.Must[*gogithub.PullRequest](t)(c.PullRequests.Get(t.Context(), owner, name, 1))
	if got.GetAutoMerge().GetMergeMethod() != "squash" || got.GetMergeableState() != "blocked" {
		t.Errorf("pull request = %v", got)
	}
	_, _, err := c.PullRequests.Merge(t.Context(), owner, name, 1, "", nil)
	githubtest.WantRefusal(t, err, 405, "At least 1 approving review is required by reviewers with write access.")
}
