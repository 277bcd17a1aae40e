package rest_test

import (
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"

	gogithub "github.com/google/go-github/v62/github"
)

func TestDeployments(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	request := func(environment string) *gogithub.DeploymentRequest {
		return &gogithub.DeploymentRequest{Ref: new(f.Tip()), Environment: &environment, AutoMerge: new(false), RequiredContexts: &[]string{}}
	}
	create := func(environment string) int64 {
		return must[*gogithub.Deployment](t)(c.Repositories.CreateDeployment(t.Context(), owner, name, request(environment))).GetID()
	}
	set := func(id int64, state string) {
		must[*gogithub.DeploymentStatus](t)(c.Repositories.CreateDeploymentStatus(t.Context(), owner, name, id, &gogithub.DeploymentStatusRequest{
			State: &state, EnvironmentURL: new("https://argocd.example.com"), Description: new("d"), LogURL: new("https://example.com"),
		}))
	}
	first, other := create("stage"), create("prod")
	set(first, "in_progress")
	set(first, "success")
	set(other, "success")
	second := create("stage")
	set(second, "success")
	states := func(id int64) (all []string) {
		for _, s := range must[[]*gogithub.DeploymentStatus](t)(c.Repositories.ListDeploymentStatuses(t.Context(), owner, name, id, nil)) {
			all = append(all, s.GetState())
		}
		return all
	}
	if got := states(first); !slices.Equal(got, []string{"inactive", "success", "in_progress"}) {
		t.Errorf("the first of stage was %q", got)
	}
	if got := states(other); !slices.Equal(got, []string{"success"}) {
		t.Errorf("prod was %q", got)
	}
	listed := must[[]*gogithub.Deployment](t)(c.Repositories.ListDeployments(t.Context(), owner, name, &gogithub.DeploymentsListOptions{Environment: "stage", SHA: f.Tip()}))
	if len(listed) != 2 || listed[0].GetID() != second {
		t.Errorf("stage has %v", listed)
	}

	_, _, err := c.Repositories.CreateDeploymentStatus(t.Context(), owner, name, second, &gogithub.DeploymentStatusRequest{State: new("good")})
	githubtest.WantRefusal(t, err, 422, "state")
	_, _, err = c.Repositories.CreateDeploymentStatus(t.Context(), owner, name, 99, &gogithub.DeploymentStatusRequest{State: new("success")})
	githubtest.WantRefusal(t, err, 404, "Not Found")
	unknown := request("stage")
	unknown.Ref = new("nosuch")
	_, _, err = c.Repositories.CreateDeployment(t.Context(), owner, name, unknown)
	githubtest.WantRefusal(t, err, 422, "No ref found for: nosuch")
	must[*gogithub.RepoStatus](t)(c.Repositories.CreateStatus(t.Context(), owner, name, f.Tip(), &gogithub.RepoStatus{State: new("failure")}))
	waits := request("stage")
	waits.RequiredContexts = nil
	_, _, err = c.Repositories.CreateDeployment(t.Context(), owner, name, waits)
	githubtest.WantRefusal(t, err, 409, "status checks failed")
}
