package github_test

import (
	"strings"
	"testing"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	double "github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// progress returns the record of a run of the application's workflow; the double's deployment repository stands for the application's,
// which is as good for that.
func progress(w *world, stand github.RunState, text string) github.Progress {
	head, err := w.Head(repository, branch)
	if err != nil {
		w.Fatal(err)
	}
	return github.Progress{
		Repository: repository, SHA: commitid.ID(head), Environment: "stage", Context: "astrago/backend-stage", State: stand, Text: text,
		Run: "https://github.com/acme/backend/actions/runs/42", URL: "https://argocd.example.com/applications/backend",
	}
}

func recorder(t *testing.T, w *world) *github.Recorder {
	t.Helper()
	r, err := github.NewRecorder(github.Options{APIURL: w.URL(), Token: token, Clock: w.clock, Identity: github.Identity{Name: "GITHUB_TOKEN"}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestProgressShowsBesideTheCommit(t *testing.T) {
	w := newWorld(t)
	w.Grant(token, repository, double.Permissions{Contents: double.Read, Deployments: double.Write, Statuses: double.Write})
	r, client := recorder(t, w), gogithub.NewClient(nil).WithAuthToken(token)
	base, err := client.BaseURL.Parse(w.URL() + "/")
	if err != nil {
		t.Fatal(err)
	}
	client.BaseURL = base
	for stand, want := range map[github.RunState][2]string{
		github.Deployed: {"success", "success"}, github.Proposed: {"queued", "success"},
		github.Failed: {"failure", "failure"}, github.Cancelled: {"inactive", "error"},
	} {
		id, err := r.Begin(t.Context(), progress(w, github.Running, "release of backend"))
		if err != nil || id == 0 {
			t.Fatalf("deployment %d, %v", id, err)
		}
		if got := stands(t, client, id); got != "in_progress pending" {
			t.Errorf("at the start: %s", got)
		}
		end := progress(w, stand, strings.Repeat("길", 200))
		if err := r.Move(t.Context(), id, end); err != nil {
			t.Fatal(err)
		}
		if got := stands(t, client, id); got != want[0]+" "+want[1] {
			t.Errorf("%s shows as %s", stand, got)
		}
	}
}

// stands are the newest states of a deployment and of the commit.
func stands(t *testing.T, client *gogithub.Client, id int64) string {
	t.Helper()
	owner, name, _ := strings.Cut(repository, "/")
	deployed, _, err := client.Repositories.ListDeploymentStatuses(t.Context(), owner, name, id, nil)
	if err != nil {
		t.Fatal(err)
	}
	shown, _, err := client.Repositories.ListStatuses(t.Context(), owner, name, branch, nil)
	if err != nil {
		t.Fatal(err)
	}
	if shown[0].GetContext() != "astrago/backend-stage" || shown[0].GetTargetURL() != "https://github.com/acme/backend/actions/runs/42" {
		t.Errorf("status %v", shown[0])
	}
	if deployed[0].GetEnvironmentURL() != "https://argocd.example.com/applications/backend" || deployed[0].GetLogURL() == "" {
		t.Errorf("deployment status %v", deployed[0])
	}
	return deployed[0].GetState() + " " + shown[0].GetState()
}

// TestProgressWithoutPermission still sets what the token may set.
func TestProgressWithoutPermission(t *testing.T) {
	w := newWorld(t)
	r := recorder(t, w)
	w.Grant(token, repository, double.Permissions{Contents: double.Read, Statuses: double.Write})
	id, err := r.Begin(t.Context(), progress(w, github.Running, ""))
	if id != 0 || err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("without deployments: %d, %v", id, err)
	}
	if err := r.Move(t.Context(), id, progress(w, github.Deployed, "")); err != nil {
		t.Errorf("the status alone: %v", err)
	}
	w.Grant(token, repository, double.Permissions{Contents: double.Read})
	if err := r.Move(t.Context(), 0, progress(w, github.Deployed, "")); err == nil {
		t.Error("without any permission nothing is wrong")
	}
}
