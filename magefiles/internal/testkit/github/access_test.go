package github_test

import (
	"errors"
	"strings"
	"testing"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func TestWhoMayCallREST(t *testing.T) {
	f := start(t)
	f.Grant("reader", repo, github.Permissions{Contents: github.Read})
	if _, err := f.CreateRepository(t.Context(), "acme/other", "main", nil); err != nil {
		t.Fatal(err)
	}
	_, _, err := f.client("wrong").Repositories.Get(t.Context(), owner, name)
	refused(t, err, 401, "Bad credentials")
	_, _, err = f.client(token).Repositories.Get(t.Context(), owner, "other")
	refused(t, err, 404, "Not Found")
	_, _, err = f.client("reader").Git.CreateBlob(t.Context(), owner, name, &gogithub.Blob{Content: new("x")})
	refused(t, err, 403, "Resource not accessible by personal access token")
	var response *gogithub.ErrorResponse
	if errors.As(err, &response) && response.Response.Header.Get("X-Accepted-GitHub-Permissions") != "contents=write" {
		t.Errorf("header = %v", response.Response.Header)
	}
	_, _, err = f.client("reader").Issues.AddLabelsToIssue(t.Context(), owner, name, 1, []string{"x"})
	if errors.As(err, &response) && response.Response.Header.Get("X-Accepted-GitHub-Permissions") != "issues=write; pull_requests=write" {
		t.Errorf("header = %v", response.Response.Header)
	}
	if status, _, body := f.send("GET", "/repos/acme/deployment", "", nil); status != 404 || !strings.Contains(body, `"status":"404"`) {
		t.Errorf("without token: %d %s", status, body)
	}
	if status, _, body := f.send("GET", "/user", "", nil); status != 401 || !strings.Contains(body, "Requires authentication") {
		t.Errorf("without token: %d %s", status, body)
	}
}
