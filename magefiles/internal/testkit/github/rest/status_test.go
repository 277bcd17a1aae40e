package rest_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"

	gogithub "github.com/google/go-github/v62/github"
)

func TestStatuses(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	post := func(state, context string) {
		t.Helper()
		must[*gogithub.RepoStatus](t)(c.Repositories.CreateStatus(t.Context(), owner, name, f.Tip(), &gogithub.RepoStatus{
			State: &state, Context: &context, Description: new("d"), TargetURL: new("https://example.com"),
		}))
	}
	combined := func() string {
		t.Helper()
		return must[*gogithub.CombinedStatus](t)(c.Repositories.GetCombinedStatus(t.Context(), owner, name, branch, nil)).GetState()
	}
	if got := combined(); got != "pending" {
		t.Errorf("without statuses: %s", got)
	}
	post("failure", "deploy/stage")
	if got := combined(); got != "failure" {
		t.Errorf("after a failure: %s", got)
	}
	post("success", "deploy/stage")
	if got := combined(); got != "success" {
		t.Errorf("after a success: %s", got)
	}
	list := must[[]*gogithub.RepoStatus](t)(c.Repositories.ListStatuses(t.Context(), owner, name, branch, nil))
	if len(list) != 2 || list[0].GetState() != "success" {
		t.Errorf("statuses = %v", list)
	}
	_, _, err := c.Repositories.CreateStatus(t.Context(), owner, name, strings.Repeat("1", 40), &gogithub.RepoStatus{State: new("error")})
	githubtest.WantRefusal(t, err, 422, "No commit found for SHA")
	_, _, err = c.Repositories.CreateStatus(t.Context(), owner, name, f.Tip(), &gogithub.RepoStatus{State: new("good")})
	githubtest.WantRefusal(t, err, 422, "state invalid")
}
