package targets_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/terminal"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// shown is what tests read of a status.
type shown struct {
	Schema, State string
	Environments  []struct {
		Environment, State string
		Deployments        []struct {
			Error      string
			Components []struct {
				Component, Tag, State, Error string
				Registry                     struct{ Presence, Digest string }
				Source                       *struct {
					SHA, Title, Author, Reason string
					Behind                     *int
				}
				Deployed *struct{ By, Kind, Commit string }
				Hold     *struct{ By, Reason, Until string }
				Drift    []struct{ Kind, Want, Have, By, Commit string }
			}
		}
		ArgoCD *struct {
			Asked                bool
			Reason, Sync, Health string
			Drift                []struct{ Kind, Want string }
		}
	}
	History []struct {
		Environment, Kind, By, Reason, Commit string
		Tags                                  []string
	}
}

func (a *application) status(args ...string) shown {
	a.t.Helper()
	var s shown
	a.must(json.Unmarshal([]byte(a.succeed(append([]string{"status", "-json"}, args...)...).stdout), &s))
	return s
}

// TestStatus sees two services, three environments, and everything that may not fit together.
func TestStatus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	frontend := w.application("frontend")
	a := w.withProd("backend", "")
	a.replace("astrago.yaml", "  prod:\n", "  lost: { deploy: { repository: acme/nowhere, branch: main, file: v.yaml, set: '.{{ .Component }} = \"{{ .Tag }}\"' } }\n  prod:\n")
	a.commit("an environment that nobody may see")
	first := a.next("first")
	a.succeed("promote", "-env=prod")
	w.skew.Add(int64(time.Second)) // commits of one second have no order between environments
	second := a.next("second")
	frontend.next("first")
	third := a.next("third")
	a.succeed("rollback", "-env=stage", "-only=core", "-reason=로그인이 안 됨")
	byHand := w.put(map[string]string{example.ValuesPath: strings.Replace(w.values(), "batch-stage-"+third, "batch-stage-"+second, 1)})
	_, err := registry.PushBase(t.Context(), a.registry.Addr()+"/acme/backend:monitor-prod-"+first, map[string][]byte{"moved": nil}, "dev", a.registryToken)
	a.must(err)
	a.write("untracked.txt", "a changed tree")

	s := a.status()
	// Without prod, whose commits may be of the same second as those of stage, the history has one order.
	golden(t, "status.json.golden", normal(a.succeed("status", "-json", "-env=stage,lost").stdout))
	stage, prod, lost := s.Environments[0], s.Environments[2], s.Environments[1]
	core, batch, monitor := stage.Deployments[0].Components[0], stage.Deployments[0].Components[1], stage.Deployments[0].Components[2]
	if core.State != "held" || core.Tag != "core-stage-"+second || core.Hold.Reason != "로그인이 안 됨" || core.Deployed.Kind != "rollback" || *core.Source.Behind != 1 || core.Source.Title != "second" {
		t.Errorf("core in stage is %+v of %+v", core, core.Source)
	}
	if batch.State != "drift" || batch.Drift[0].Kind != "hand-edit" || batch.Drift[0].Commit != byHand || batch.Deployed.Kind != "edit" {
		t.Errorf("batch in stage is %+v", batch)
	}
	if monitor.State != "ok" || monitor.Source == nil || monitor.Registry.Presence != "present" {
		t.Errorf("monitor in stage is %+v", monitor)
	}
	if got := prod.Deployments[0].Components[2]; got.State != "drift" || got.Drift[0].Kind != "tag-moved" || got.Deployed.Kind != "promotion" {
		t.Errorf("monitor in prod is %+v", got)
	}
	if !strings.Contains(lost.Deployments[0].Error, "acme/nowhere") || lost.State != "unknown" {
		t.Errorf("what cannot be read is %+v", lost)
	}
	if s.History[0].Kind != "edit" || s.History[1].Kind != "rollback" || len(s.History) != 6 {
		t.Errorf("the history is %+v", s.History)
	}
}

// TestStatusAsATable is what people see, also from a commit that is on no branch.
func TestStatusAsATable(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("backend", "")
	sha := a.next("first")
	a.env = []string{"GITHUB_ACTOR=kim"}
	a.succeed("hold", "-env=stage", "-only=core", "-reason=연말 결산")
	a.env = nil
	git(t, a.dir, "checkout", "-q", "--detach")
	result := a.succeed("status")
	for _, words := range []string{
		"stage  acme/deployment, branch stabilize/1.0", "core-stage-" + sha, "octocat", "  ‖ core held for now by kim until it is lifted: 연말 결산",
		sha + " first (Kim Dev)", "prod  acme/deployment", "  ! core: the registry has no image", "core-prod-00000000",
	} {
		if !strings.Contains(result.stdout, words) {
			t.Errorf("the table lacks %q:\n%s", words, result.stdout)
		}
	}
	for line := range strings.Lines(result.stdout) {
		if terminal.Columns(strings.TrimSuffix(line, "\n")) > 80 && !strings.Contains(line, "  ! ") {
			t.Errorf("the line is wider than 80 columns: %s", line)
		}
	}
	if got := a.succeed("status", "-env=prod").stdout; strings.Contains(got, "stage  ") {
		t.Errorf("-env=prod shows\n%s", got)
	}
	a.refuse(2, []string{`no environment "prd"`, "prod"}, "status", "-env=stage,prd")
}

// TestStatusOfWhatCannotBeRead shows reasons, and fails where there is nothing else.
func TestStatusOfWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("frontend", "")
	a.next("first")
	a.registry.Inject(registry.On(http.MethodHead, registry.Manifest, registry.Answer(http.StatusForbidden, nil, "DENIED", "no")))
	s := a.status("-env=stage")
	if c := s.Environments[0].Deployments[0].Components[0]; c.State != "unknown" || c.Registry.Presence != "unknown" || c.Deployed == nil {
		t.Errorf("with a registry that denies, the component is %+v", c)
	}
	a.replace("astrago.yaml", "environments/prod/", "environments/nowhere/")
	if got := a.status().Environments[1].Deployments[0].Error; !strings.Contains(got, "environments/nowhere/values.yaml") || !strings.Contains(got, "does not exist") {
		t.Errorf("the reason is %q", got)
	}
	a.env = []string{"DEPLOY_TOKEN=another-" + a.deployToken}
	result := a.run("status")
	if result.code != 1 || !strings.Contains(result.stdout, "  ? ") || strings.Contains(result.stdout+result.stderr, a.deployToken) {
		t.Errorf("exit code %d\n%s\n%s", result.code, result.stdout, result.stderr)
	}
	a.env = []string{"DEPLOY_TOKEN="}
	a.refuse(2, []string{"DEPLOY_TOKEN"}, "status")
}

// TestStatusReadsEachBranchOnce counts the questions.
func TestStatusReadsEachBranchOnce(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("backend", "")
	a.next("first")
	a.succeed("promote", "-env=prod")
	before := a.github.Count("query repository")
	a.status()
	if got := a.github.Count("query repository") - before; got != 1 {
		t.Errorf("GitHub was asked %d times for two environments of one branch", got)
	}
}

func TestStatusAsksArgoCD(t *testing.T) {
	t.Parallel()
	a := newWorld(t).awaited("backend")
	a.succeed("release")
	argo := a.status().Environments[0].ArgoCD
	if !argo.Asked || argo.Sync != "Synced" || argo.Health != "Healthy" || len(argo.Drift) != 0 {
		t.Errorf("Argo CD says %+v", argo)
	}
	const other = "ghcr.io/acme/other:1" // the manifests name another image than the values
	a.server.Begin("shop", argocd.Then(argocd.Found(a.head()), argocd.Started(), argocd.Succeeded(other), argocd.Compared(), argocd.Live(other)))
	a.status() // takes the step
	if s := a.status(); s.State != "drift" || len(s.Environments[0].ArgoCD.Drift) != 3 || s.Environments[0].ArgoCD.Drift[0].Kind != "not-live" {
		t.Errorf("with other images live the status is %+v", s)
	}
	a.env = append(a.env, "ARGOCD_AUTH_TOKEN=")
	if argo := a.status().Environments[0].ArgoCD; argo.Asked || argo.Reason != "ARGOCD_AUTH_TOKEN is not set" {
		t.Errorf("without a token it is %+v", argo)
	}
	a.env = append(a.env, "ARGOCD_AUTH_TOKEN="+strings.Replace(argoToken, "c2Vj", "bm9u", 1))
	result := a.succeed("status")
	if !strings.Contains(result.stdout, "does not take the token") || strings.Contains(result.stdout, "bm9u") {
		t.Errorf("with a wrong token it shows\n%s", result.stdout)
	}
}

// TestStatusPage writes the page beside the table, whole or not at all, and without secrets.
func TestStatusPage(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("backend", "")
	sha := a.next("first")
	a.succeed("status", "-html=.astrago/status.html")
	html := readFile(t, filepath.Join(a.dir, ".astrago", "status.html"))
	for _, words := range []string{"core-stage-" + sha, "<caption>", "Content-Security-Policy", "octocat"} {
		if !strings.Contains(html, words) {
			t.Errorf("the page lacks %q", words)
		}
	}
	for _, secret := range []string{a.deployToken, a.registryToken} {
		if strings.Contains(html, secret) {
			t.Error("a token is in the page")
		}
	}
	if files, err := os.ReadDir(filepath.Join(a.dir, ".astrago")); err != nil || slices.ContainsFunc(files, func(f os.DirEntry) bool { return strings.HasPrefix(f.Name(), ".new") }) {
		t.Errorf("what is left is %v, %v", files, err)
	}
	a.refuse(2, []string{"astrago.yaml/status.html", "a directory that can be written to"}, "status", "-html=astrago.yaml/status.html")
	a.succeed("status", "-html=public/pages/status.html")
	if got := readFile(t, filepath.Join(a.dir, "public", "pages", "status.html")); !strings.HasSuffix(got, "</html>\n") {
		t.Errorf("the page ends with %q", got[max(0, len(got)-50):])
	}
}

// TestStatusAsksGitHubWhereTheCloneIsShallow counts commits that the clone does not have.
func TestStatusAsksGitHubWhereTheCloneIsShallow(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.next("first")
	a.write("src/later.txt", "later")
	a.commit("later")
	clone := *a
	clone.dir = filepath.Join(t.TempDir(), "clone")
	git(t, a.dir, "clone", "-q", "--depth=1", "file://"+a.dir, clone.dir)
	git(t, clone.dir, "remote", "set-url", "origin", "https://github.com/acme/frontend.git")
	c := clone.status().Environments[0].Deployments[0].Components[0]
	if c.Source == nil || c.Source.Behind != nil || !strings.Contains(c.Source.Reason, "no such commit") {
		t.Errorf("where nobody may ask, the commit is %+v", c.Source)
	}
	hosted, err := a.github.CreateRepository(t.Context(), "acme/frontend", "unused", map[string][]byte{"x": nil})
	a.must(err)
	git(t, a.dir, "push", "-q", hosted, example.Branch)
	const token = "github-token-of-a-workflow"
	clone.env = []string{"GITHUB_TOKEN=" + token}
	if c := clone.status().Environments[0].Deployments[0].Components[0]; !strings.Contains(c.Source.Reason, "GITHUB_TOKEN and DEPLOY_TOKEN may not see acme/frontend") {
		t.Errorf("where the token may not ask, the commit is %+v", c.Source)
	}
	a.github.Grant(token, "acme/frontend", github.Permissions{Contents: github.Read})
	c = clone.status().Environments[0].Deployments[0].Components[0]
	if c.Source.Behind == nil || *c.Source.Behind != 1 || c.Source.Title != "first" || c.Source.Reason != "" {
		t.Errorf("where GitHub is asked, the commit is %+v", c.Source)
	}
}

var volatile = []struct {
	pattern *regexp.Regexp
	to      string
}{
	{regexp.MustCompile(`sha256:[0-9a-f]{64}`), "sha256:DIGEST"},
	{regexp.MustCompile(`[0-9a-f]{40}`), "SHA"},
	{regexp.MustCompile(`-[0-9a-f]{8}"`), `-SHORT"`},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`), "TIME"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "HOST"},
}

// normal leaves out what differs from run to run.
func normal(text string) string {
	for _, v := range volatile {
		text = v.pattern.ReplaceAllString(text, v.to)
	}
	return text
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := readFile(t, path); got != want {
		t.Errorf("%s differs (accept with -update)\n--- got\n%s", path, got)
	}
}
