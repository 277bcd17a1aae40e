package rest_test

import (
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func TestPullRequestLife(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	if err := f.Server.Protect(repo, branch, github.Ruleset); err != nil { // merging is what the rule asks for
		t.Fatal(err)
	}
	opened := f.Propose(c, "tag: two\n")
	if opened.GetNumber() != 1 || opened.GetState() != "open" || !opened.GetMergeable() || opened.GetChangedFiles() != 1 || opened.GetCommits() != 1 {
		t.Errorf("pull request = %v", opened)
	}
	_, _, err := c.PullRequests.Create(t.Context(), owner, name, githubtest.NewPull())
	githubtest.WantRefusal(t, err, 422, "A pull request already exists for acme:deploy/stage-shop.")

	found := must[[]*gogithub.PullRequest](t)(c.PullRequests.List(t.Context(), owner, name, &gogithub.PullRequestListOptions{
		Head: "acme:" + head, Base: branch, State: "open",
	}))
	if len(found) != 1 || found[0].GetNumber() != 1 {
		t.Errorf("list = %v", found)
	}
	if other := must[[]*gogithub.PullRequest](t)(c.PullRequests.List(t.Context(), owner, name, &gogithub.PullRequestListOptions{Head: "acme:other"})); len(other) != 0 {
		t.Errorf("list = %v", other)
	}
	edited := must[*gogithub.PullRequest](t)(c.PullRequests.Edit(t.Context(), owner, name, 1, &gogithub.PullRequest{Title: new("new title")}))
	if edited.GetTitle() != "new title" || edited.GetBody() != "body" {
		t.Errorf("edited = %v", edited)
	}
	labels := must[[]*gogithub.Label](t)(c.Issues.AddLabelsToIssue(t.Context(), owner, name, 1, []string{"deploy", "stage", "deploy"}))
	if len(labels) != 2 || labels[0].GetName() != "deploy" {
		t.Errorf("labels = %v", labels)
	}
	reviewed := must[*gogithub.PullRequest](t)(c.PullRequests.RequestReviewers(t.Context(), owner, name, 1, gogithub.ReviewersRequest{
		Reviewers: []string{"hubot"}, TeamReviewers: []string{"ops"},
	}))
	if len(reviewed.RequestedReviewers) != 1 || len(reviewed.RequestedTeams) != 1 || len(reviewed.Labels) != 2 {
		t.Errorf("reviewed = %v", reviewed)
	}
}

func TestMergeIsARealMerge(t *testing.T) {
	for _, method := range []string{"merge", "squash"} {
		t.Run(method, func(t *testing.T) {
			f := served(t)
			c := f.Client(token)
			opened := f.Propose(c, "tag: two\n")
			base := f.Push("other", "kept") // a change of the base that the head has never seen
			result := must[*gogithub.PullRequestMergeResult](t)(c.PullRequests.Merge(t.Context(), owner, name, 1, "", &gogithub.PullRequestOptions{
				SHA: opened.GetHead().GetSHA(), MergeMethod: method,
			}))
			if !result.GetMerged() || result.GetSHA() != f.Tip() || f.Content("other") != "kept" || f.Content(file) != "tag: two\n" {
				t.Errorf("result = %v", result)
			}
			parents := map[string]string{"merge": base + " " + opened.GetHead().GetSHA(), "squash": base}[method]
			if got := f.Git("log", "-1", "--format=%P"); got != parents {
				t.Errorf("parents = %s, want %s", got, parents)
			}
			after := must[*gogithub.PullRequest](t)(c.PullRequests.Get(t.Context(), owner, name, 1))
			if !after.GetMerged() || after.GetState() != "closed" || after.GetMergeCommitSHA() != f.Tip() || after.GetChangedFiles() != 1 {
				t.Errorf("pull request = %v", after)
			}
			_, _, err := c.PullRequests.Merge(t.Context(), owner, name, 1, "", nil)
			githubtest.WantRefusal(t, err, 405, "Pull Request is not mergeable")
		})
	}
}

func TestMergeIsRefused(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	opened := f.Propose(c, "tag: two\n")
	merge := func(sha, method string) error {
		_, _, err := c.PullRequests.Merge(t.Context(), owner, name, 1, "", &gogithub.PullRequestOptions{SHA: sha, MergeMethod: method})
		return err
	}
	githubtest.WantRefusal(t, merge(f.Tip(), "merge"), 409, "Head branch was modified. Review and try the merge again.")
	githubtest.WantRefusal(t, merge("", "rebase"), 405, "Rebase merges are not allowed on this repository.")
	old := f.Tip()
	f.Push("other", "x")
	remove := f.Server.Intercept(func(github.Exchange) *github.Action {
		return &github.Action{Heads: map[string]string{branch: old}}
	})
	githubtest.WantRefusal(t, merge("", "merge"), 405, "Base branch was modified. Review and try the merge again.")
	remove()
	f.Push(file, "tag: three\n")
	githubtest.WantRefusal(t, merge(opened.GetHead().GetSHA(), "squash"), 405, "Pull Request is not mergeable")
	if p := must[*gogithub.PullRequest](t)(c.PullRequests.Get(t.Context(), owner, name, 1)); p.GetMergeable() || p.GetMergeableState() != "dirty" {
		t.Errorf("mergeable = %v %s", p.GetMergeable(), p.GetMergeableState())
	}
}

func TestPullRequestIsRefused(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	f.Git("branch", head, branch)
	create := func(change func(*gogithub.NewPullRequest)) error {
		p := githubtest.NewPull()
		change(p)
		_, _, err := c.PullRequests.Create(t.Context(), owner, name, p)
		return err
	}
	githubtest.WantRefusal(t, create(func(*gogithub.NewPullRequest) {}), 422, "No commits between "+branch+" and "+head)
	githubtest.WantRefusal(t, create(func(p *gogithub.NewPullRequest) { p.Head = new("nope") }), 422, "head invalid")
	githubtest.WantRefusal(t, create(func(p *gogithub.NewPullRequest) { p.Base = new("nope") }), 422, "base invalid")
	githubtest.WantRefusal(t, create(func(p *gogithub.NewPullRequest) { p.Title = nil }), 422, "title missing_field")
	_, _, err := c.PullRequests.Get(t.Context(), owner, name, 7)
	githubtest.WantRefusal(t, err, 404, "Not Found")
	f.Git("branch", "-D", head)
	f.Propose(c, "x")
	_, _, err = c.PullRequests.RequestReviewers(t.Context(), owner, name, 1, gogithub.ReviewersRequest{Reviewers: []string{"octocat"}})
	githubtest.WantRefusal(t, err, 422, "Review cannot be requested from pull request author.")
}

func TestPullRequestFollowsItsHead(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	f.Propose(c, "one")
	sha, err := f.Server.Commit(t.Context(), repo, head, "again", map[string][]byte{file: []byte("two")})
	if err != nil {
		t.Fatal(err)
	}
	if p := must[*gogithub.PullRequest](t)(c.PullRequests.Get(t.Context(), owner, name, 1)); p.GetHead().GetSHA() != sha || p.GetCommits() != 2 {
		t.Errorf("pull request = %v", p)
	}
	f.Git("branch", "-D", head)
	if p := must[*gogithub.PullRequest](t)(c.PullRequests.Get(t.Context(), owner, name, 1)); p.GetState() != "closed" || p.GetMerged() {
		t.Errorf("pull request = %v", p)
	}
	f.Propose(c, "three")
	all := must[[]*gogithub.PullRequest](t)(c.PullRequests.List(t.Context(), owner, name, &gogithub.PullRequestListOptions{State: "all"}))
	numbers := []int{all[0].GetNumber(), all[1].GetNumber()}
	if !slices.Equal(numbers, []int{2, 1}) {
		t.Errorf("numbers = %v", numbers)
	}
}
