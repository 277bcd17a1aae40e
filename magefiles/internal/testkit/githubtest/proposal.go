package githubtest

import gogithub "github.com/google/go-github/v62/github"

// HeadBranch is the head branch of Propose's pull request.
const HeadBranch = "deploy/stage-shop"

// Propose makes a branch with one change and opens a pull request from it.
func (f *Fixture) Propose(c *gogithub.Client, content string) *gogithub.PullRequest {
	f.T.Helper()
	f.Git("branch", "--force", HeadBranch, Branch)
	if _, err := f.Server.Commit(f.T.Context(), Repository, HeadBranch, "deploy", map[string][]byte{File: []byte(content)}); err != nil {
		f.T.Fatal(err)
	}
	return Must[*gogithub.PullRequest](f.T)(c.PullRequests.Create(f.T.Context(), Owner, Name, NewPull()))
}

// NewPull is the request for a pull request from HeadBranch.
func NewPull() *gogithub.NewPullRequest {
	return &gogithub.NewPullRequest{
		Title: new("deploy(stage): shop"), Body: new("body"), Head: new(HeadBranch),
		Base: new(Branch), MaintainerCanModify: new(false),
	}
}
