package targets_test

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
)

// shown is what GitHub shows of a commit of the frontend: its deployments, newest first, and its commit statuses.
func (a *application) shown(token, sha string) (states []string) {
	a.t.Helper()
	get := func(address string, answer any) {
		request, err := http.NewRequestWithContext(a.t.Context(), http.MethodGet, address, nil)
		a.must(err)
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		a.must(err)
		defer response.Body.Close()
		a.must(json.NewDecoder(response.Body).Decode(answer))
	}
	base := a.github.URL() + "/repos/acme/frontend"
	var deployments []struct {
		Environment string
		Statuses    string `json:"statuses_url"`
	}
	get(base+"/deployments?sha="+sha, &deployments)
	for _, d := range deployments {
		var all []struct{ State string }
		get(d.Statuses, &all)
		states = append(states, d.Environment+" "+all[0].State)
	}
	var combined struct {
		Statuses []struct{ Context, State string }
	}
	get(base+"/commits/"+sha+"/status", &combined)
	for _, s := range combined.Statuses {
		states = append(states, s.Context+" "+s.State)
	}
	return states
}

func (a *application) sha() string {
	a.t.Helper()
	out, err := exec.CommandContext(a.t.Context(), "git", "-C", a.dir, "rev-parse", "HEAD").Output()
	a.must(err)
	return strings.TrimSpace(string(out))
}

// TestPromotionsAndRollbacksShowBesideTheirCommits also when they fail, so that the next success is told as a recovery.
func TestPromotionsAndRollbacksShowBesideTheirCommits(t *testing.T) {
	t.Parallel()
	a, received := told(t, "{ on: recovered }")
	_, stage, _ := strings.Cut(readFile(t, a.dir+"/astrago.yaml"), "    deploy:")
	stage, _, _ = strings.Cut(stage, "\nnotify:")
	a.replace("astrago.yaml", "\nnotify:", "  prod:\n    from: stage\n    deploy:"+strings.ReplaceAll(stage, "environments/stage/", "environments/prod/")+"\nnotify:")
	a.put(map[string]string{prodPath: strings.ReplaceAll(a.initial(), "-stage-", "-prod-")})
	a.next("first")
	first := a.sha()
	a.next("second")
	second := a.sha()
	token := "github-" + a.deployToken
	bare, err := a.github.CreateRepository(t.Context(), "acme/frontend", "main", map[string][]byte{"README.md": []byte("# frontend")})
	a.must(err)
	a.github.Grant(token, "acme/frontend", github.Permissions{Contents: github.Read, Deployments: github.Write, Statuses: github.Write})
	a.write("src/frontend.txt", "third")
	a.commit("third") // the workflow runs for it, and deploys others
	git(t, a.dir, "push", "-q", bare, "HEAD:refs/heads/"+example.Branch)
	third := a.sha()
	a.env = append(a.env, "GITHUB_ACTIONS=true", "GITHUB_TOKEN="+token, "GITHUB_REPOSITORY=acme/frontend", "GITHUB_RUN_ID=42")

	var report struct{ Commit struct{ SHA, URL string } }
	a.must(json.Unmarshal([]byte(a.succeed("promote", "-env=prod", "-json").stdout), &report))
	if report.Commit.SHA != second || !strings.HasSuffix(report.Commit.URL, "/acme/frontend/commit/"+second) {
		t.Errorf("the report links %+v, want %s", report.Commit, second)
	}
	a.succeed("rollback", "-env=stage", "-reason=x")
	if got, want := a.shown(token, second), []string{"prod success", "astrago/frontend-prod success"}; !slices.Equal(got, want) {
		t.Errorf("beside the promoted commit are %q, want %q", got, want)
	}
	if got, want := a.shown(token, first), []string{"stage success", "astrago/frontend-stage success"}; !slices.Equal(got, want) {
		t.Errorf("beside the restored commit are %q, want %q", got, want)
	}
	if got := a.shown(token, third); len(got) != 0 {
		t.Errorf("beside the commit that is checked out are %q", got)
	}
	wantPosts(t, received, 0)
	a.refuse(3, []string{"a newer build is deployed"}, "promote", "-env=prod")
	if got, want := a.shown(token, third), []string{"prod failure", "astrago/frontend-prod failure"}; !slices.Equal(got, want) {
		t.Errorf("of the promotion that failed are %q, want %q", got, want)
	}
	a.must(a.github.Deploy("acme/frontend", "prod", "INACTIVE")) // a cancelled run
	a.succeed("promote", "-env=prod", "-force")
	wantPosts(t, received, 1, "recovered: frontend is promoted from stage to prod")
}
