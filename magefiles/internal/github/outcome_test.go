package github_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	double "github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

func TestLastFailedSkipsWhatStillRuns(t *testing.T) {
	w := newWorld(t)
	w.Grant(token, repository, double.Permissions{Deployments: double.Read})
	comparer, err := github.NewComparer(github.Options{APIURL: w.URL(), Token: token, Clock: w.clock, Identity: github.Identity{Name: "GITHUB_TOKEN"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		environment, state string
		failed             bool
	}{
		{"prod", "FAILURE", false},
		{"stage", "SUCCESS", false},
		{"stage", "FAILURE", true},
		{"stage", "IN_PROGRESS", true},
		{"stage", "ERROR", true},
		{"stage", "INACTIVE", true}, // cancelled
		{"stage", "QUEUED", true},
		{"stage", "ACTIVE", false},
	} {
		if err := w.Deploy(repository, step.environment, step.state); err != nil {
			t.Fatal(err)
		}
		failed, err := comparer.LastFailed(t.Context(), repository, "stage")
		if err != nil || failed != step.failed {
			t.Errorf("after %+v: failed %t, %v", step, failed, err)
		}
	}
	w.Grant(token, repository, double.Permissions{Contents: double.Write})
	if _, err := comparer.LastFailed(t.Context(), repository, "stage"); err == nil || !strings.Contains(err.Error(), "last deployment of acme/deployment to stage") {
		t.Errorf("without the permission: %v", err)
	}
}
