package rest_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"

	gogithub "github.com/google/go-github/v62/github"
)

func TestCommitsPages(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	for _, content := range []string{"a", "b", "c"} {
		f.Push(file, content)
	}
	f.Push("other", "x")
	options := &gogithub.CommitsListOptions{Path: file, SHA: branch, ListOptions: gogithub.ListOptions{PerPage: 3}}
	first, response, err := c.Repositories.ListCommits(t.Context(), owner, name, options)
	if err != nil || len(first) != 3 || response.NextPage != 2 || response.LastPage != 2 {
		t.Fatalf("%d commits, next %d: %v", len(first), response.NextPage, err)
	}
	options.Page = response.NextPage
	second, response, err := c.Repositories.ListCommits(t.Context(), owner, name, options)
	if err != nil || len(second) != 1 || response.NextPage != 0 || response.FirstPage != 1 {
		t.Fatalf("%d commits, next %d: %v", len(second), response.NextPage, err)
	}
	one := must[*gogithub.RepositoryCommit](t)(c.Repositories.GetCommit(t.Context(), owner, name, branch, nil))
	if one.GetSHA() != f.Tip() || len(one.Files) != 1 || one.Files[0].GetStatus() != "added" || one.GetStats().GetAdditions() != 1 {
		t.Errorf("commit = %v", one)
	}
	sha := must[string](t)(c.Repositories.GetCommitSHA1(t.Context(), owner, name, branch, ""))
	if sha != f.Tip() {
		t.Errorf("sha = %s", sha)
	}
	_, _, err = c.Repositories.GetCommit(t.Context(), owner, name, "nope", nil)
	githubtest.WantRefusal(t, err, 422, "No commit found for SHA: nope")
}
