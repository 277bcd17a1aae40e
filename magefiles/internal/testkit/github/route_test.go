package github_test

import (
	"net/http"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

func TestWhatAHandlerWouldIgnoreIsUnknown(t *testing.T) {
	told := 0
	f := githubtest.StartWith(t, github.Options{OnUnknown: func(*http.Request) { told++ }})
	if status, _, _ := f.Send("GET", "/repos/acme/deployment/commits?author=octocat", githubtest.Token, nil); status != 501 {
		t.Errorf("status = %d", status)
	}
	if status, _, _ := f.Send("POST", "/repos/acme/deployment/git/refs", githubtest.Token, map[string]any{"ref": "refs/heads/x", "key": "x"}); status != 501 {
		t.Errorf("status = %d", status)
	}
	if status, _, _ := f.Send("POST", "/repos/acme/deployment/git/refs", githubtest.Token, []string{"x"}); status != 400 {
		t.Errorf("status = %d", status)
	}
	if told != 2 {
		t.Errorf("told of %d requests", told)
	}
}
