package github_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func TestWhoMayCallREST(t *testing.T) {
	f := githubtest.Start(t)
	f.Server.Grant("reader", githubtest.Repository, github.Permissions{Contents: github.Read})
	if _, err := f.Server.CreateRepository(t.Context(), "acme/other", "main", nil); err != nil {
		t.Fatal(err)
	}
	_, _, err := f.Client("wrong").Repositories.Get(t.Context(), githubtest.Owner, githubtest.Name)
	githubtest.WantRefusal(t, err, 401, "Bad credentials")
	_, _, err = f.Client(githubtest.Token).Repositories.Get(t.Context(), githubtest.Owner, "other")
	githubtest.WantRefusal(t, err, 404, "Not Found")
	_, _, err = f.Client("reader").Git.CreateBlob(t.Context(), githubtest.Owner, githubtest.Name, &gogithub.Blob{Content: new("x")})
	githubtest.WantRefusal(t, err, 403, "Resource not accessible by personal access token")
	var response *gogithub.ErrorResponse
	if errors.As(err, &response) && response.Response.Header.Get("X-Accepted-GitHub-Permissions") != "contents=write" {
		t.Errorf("header = %v", response.Response.Header)
	}
	_, _, err = f.Client("reader").Issues.AddLabelsToIssue(t.Context(), githubtest.Owner, githubtest.Name, 1, []string{"x"})
	if errors.As(err, &response) && response.Response.Header.Get("X-Accepted-GitHub-Permissions") != "issues=write; pull_requests=write" {
		t.Errorf("header = %v", response.Response.Header)
	}
	if status, _, body := f.Send("GET", "/repos/acme/deployment", "", nil); status != 404 || !strings.Contains(body, `"status":"404"`) {
		t.Errorf("without token: %d %s", status, body)
	}
	if status, _, body := f.Send("GET", "/rate_limit", "", nil); status != 401 || !strings.Contains(body, "Requires authentication") {
		t.Errorf("without token: %d %s", status, body)
	}
}
