package github_test

import (
	"net/http"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func TestWhatAHandlerWouldIgnoreIsUnknown(t *testing.T) {
	told := 0
	f := begin(t, github.Options{OnUnknown: func(*http.Request) { told++ }})
	if status, _, _ := f.send("GET", "/repos/acme/deployment/commits?author=octocat", token, nil); status != 501 {
		t.Errorf("status = %d", status)
	}
	if status, _, _ := f.send("POST", "/repos/acme/deployment/git/refs", token, map[string]any{"ref": "refs/heads/x", "key": "x"}); status != 501 {
		t.Errorf("status = %d", status)
	}
	if status, _, _ := f.send("POST", "/repos/acme/deployment/git/refs", token, []string{"x"}); status != 400 {
		t.Errorf("status = %d", status)
	}
	if told != 2 {
		t.Errorf("told of %d requests", told)
	}
}
