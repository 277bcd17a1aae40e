package github_test

import (
	"slices"
	"testing"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

const head = "deploy/stage-shop"

// propose makes a branch with one change and opens a pull request from it.
func (f *fixture) propose(c *gogithub.Client, content string) *gogithub.PullRequest {
	f.t.Helper()
	f.git("branch", "--force", head, branch)
	if _, err := f.Commit(f.t.Context(), repo, head, "deploy", map[string][]byte{file: []byte(content)}); err != nil {
		f.t.Fatal(err)
	}
	return must[*gogithub.PullRequest](f.t)(c.PullRequests.Create(f.t.Context(), owner, name, newPull()))
}

func newPull() *gogithub.NewPullRequest {
	return &gogithub.NewPullRequest{
		Title: new("deploy(stage): shop"), Body: new("body"), Head: new(head),
		Base: new(branch), MaintainerCanModify: new(false),
	}
}

func TestPullRequestLife(t *testing.T) {
	f := start(t)
	c := f.client(token)
	if err := f.Protect(repo, branch, github.Ruleset); err != nil { // merging is what the rule asks for
		t.Fatal(err)
	}
	opened := f.propose(c, "tag: two\n")
	if opened.GetNumber() != 1 || opened.GetState() != "open" || !opened.GetMergeable() || opened.GetChangedFiles() != 1 || opened.GetCommits() != 1 {
		t.Errorf("pull request = %v", opened)
	}
	_, _, err := c.PullRequests.Create(t.Context(), owner, name, newPull())
	refused(t, err, 422, "A pull request already exists for acme:deploy/stage-shop.")

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
	files := must[[]*gogithub.CommitFile](t)(c.PullRequests.ListFiles(t.Context(), owner, name, 1, nil))
	if len(files) != 1 || files[0].GetFilename() != file {
		t.Errorf("files = %v", files)
	}
}

func TestMergeIsARealMerge(t *testing.T) {
	for _, method := range []string{"merge", "squash"} {
		t.Run(method, func(t *testing.T) {
			f := start(t)
			c := f.client(token)
			opened := f.propose(c, "tag: two\n")
			base := f.push("other", "kept") // a change of the base that the head has never seen
			result := must[*gogithub.PullRequestMergeResult](t)(c.PullRequests.Merge(t.Context(), owner, name, 1, "", &gogithub.PullRequestOptions{
				SHA: opened.GetHead().GetSHA(), MergeMethod: method,
			}))
			if !result.GetMerged() || result.GetSHA() != f.head() || f.content("other") != "kept" || f.content(file) != "tag: two\n" {
				t.Errorf("result = %v", result)
			}
			parents := map[string]string{"merge": base + " " + opened.GetHead().GetSHA(), "squash": base}[method]
			if got := f.git("log", "-1", "--format=%P"); got != parents {
				t.Errorf("parents = %s, want %s", got, parents)
			}
			after := must[*gogithub.PullRequest](t)(c.PullRequests.Get(t.Context(), owner, name, 1))
			if !after.GetMerged() || after.GetState() != "closed" || after.GetMergeCommitSHA() != f.head() || after.GetChangedFiles() != 1 {
				t.Errorf("pull request = %v", after)
			}
			merged, _, err := c.PullRequests.IsMerged(t.Context(), owner, name, 1)
			if err != nil || !merged {
				t.Errorf("merged = %v, %v", merged, err)
			}
			_, _, err = c.PullRequests.Merge(t.Context(), owner, name, 1, "", nil)
			refused(t, err, 405, "Pull Request is not mergeable")
		})
	}
}

func TestMergeIsRefused(t *testing.T) {
	f := start(t)
	c := f.client(token)
	opened := f.propose(c, "tag: two\n")
	merge := func(sha, method string) error {
		_, _, err := c.PullRequests.Merge(t.Context(), owner, name, 1, "", &gogithub.PullRequestOptions{SHA: sha, MergeMethod: method})
		return err
	}
	refused(t, merge(f.head(), "merge"), 409, "Head branch was modified. Review and try the merge again.")
	refused(t, merge("", "rebase"), 405, "Rebase merges are not allowed on this repository.")
	old := f.head()
	f.push("other", "x")
	remove := f.Intercept(func(github.Exchange) *github.Action { return &github.Action{Heads: map[string]string{branch: old}} })
	refused(t, merge("", "merge"), 405, "Base branch was modified. Review and try the merge again.")
	remove()
	f.push(file, "tag: three\n")
	refused(t, merge(opened.GetHead().GetSHA(), "squash"), 405, "Pull Request is not mergeable")
	if p := must[*gogithub.PullRequest](t)(c.PullRequests.Get(t.Context(), owner, name, 1)); p.GetMergeable() || p.GetMergeableState() != "dirty" {
		t.Errorf("mergeable = %v %s", p.GetMergeable(), p.GetMergeableState())
	}
	merged, _, err := c.PullRequests.IsMerged(t.Context(), owner, name, 1)
	if err != nil || merged {
		t.Errorf("merged = %v, %v", merged, err)
	}
}

func TestPullRequestIsRefused(t *testing.T) {
	f := start(t)
	c := f.client(token)
	f.git("branch", head, branch)
	create := func(change func(*gogithub.NewPullRequest)) error {
		p := newPull()
		change(p)
		_, _, err := c.PullRequests.Create(t.Context(), owner, name, p)
		return err
	}
	refused(t, create(func(*gogithub.NewPullRequest) {}), 422, "No commits between "+branch+" and "+head)
	refused(t, create(func(p *gogithub.NewPullRequest) { p.Head = new("nope") }), 422, "head invalid")
	refused(t, create(func(p *gogithub.NewPullRequest) { p.Base = new("nope") }), 422, "base invalid")
	refused(t, create(func(p *gogithub.NewPullRequest) { p.Title = nil }), 422, "title missing_field")
	_, _, err := c.PullRequests.Get(t.Context(), owner, name, 7)
	refused(t, err, 404, "Not Found")
	f.git("branch", "-D", head)
	f.propose(c, "x")
	_, _, err = c.PullRequests.RequestReviewers(t.Context(), owner, name, 1, gogithub.ReviewersRequest{Reviewers: []string{"octocat"}})
	refused(t, err, 422, "Review cannot be requested from pull request author.")
}

func TestPullRequestFollowsItsHead(t *testing.T) {
	f := start(t)
	c := f.client(token)
	f.propose(c, "one")
	sha, err := f.Commit(t.Context(), repo, head, "again", map[string][]byte{file: []byte("two")})
	if err != nil {
		t.Fatal(err)
	}
	if p := must[*gogithub.PullRequest](t)(c.PullRequests.Get(t.Context(), owner, name, 1)); p.GetHead().GetSHA() != sha || p.GetCommits() != 2 {
		t.Errorf("pull request = %v", p)
	}
	f.git("branch", "-D", head)
	if p := must[*gogithub.PullRequest](t)(c.PullRequests.Get(t.Context(), owner, name, 1)); p.GetState() != "closed" || p.GetMerged() {
		t.Errorf("pull request = %v", p)
	}
	f.propose(c, "three")
	all := must[[]*gogithub.PullRequest](t)(c.PullRequests.List(t.Context(), owner, name, &gogithub.PullRequestListOptions{State: "all"}))
	numbers := []int{all[0].GetNumber(), all[1].GetNumber()}
	if !slices.Equal(numbers, []int{2, 1}) {
		t.Errorf("numbers = %v", numbers)
	}
}
