package targets_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// diagnosis is what `mage doctor -json` prints.
type diagnosis struct {
	Schema  string
	Healthy bool
	Checks  []checked
}

// checked is what a check has found.
type checked struct{ Group, Name, Subject, Status, Text, Remedy string }

// find returns what the first check of a name has found.
func (d diagnosis) find(t *testing.T, name string) checked {
	t.Helper()
	i := slices.IndexFunc(d.Checks, func(c checked) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("there is no check %s", name)
	}
	return d.Checks[i]
}

// doctor runs it, and holds its exit code against what it says.
func (a *application) doctor(args ...string) diagnosis {
	a.t.Helper()
	r := a.run(append([]string{"doctor", "-json"}, args...)...)
	var d diagnosis
	if err := json.Unmarshal([]byte(r.stdout), &d); err != nil {
		a.t.Fatalf("%v\n%s%s", err, r.stdout, r.stderr)
	}
	if want := map[bool]int{true: 0, false: 1}[d.Healthy]; r.code != want {
		a.t.Errorf("exit code %d, healthy: %t\n%s", r.code, d.Healthy, r.stderr)
	}
	for _, secret := range []string{a.registryToken, a.deployToken} {
		if strings.Contains(r.stdout+r.stderr, secret) {
			a.t.Errorf("a secret shows:\n%s%s", r.stdout, r.stderr)
		}
	}
	return d
}

// wants checks one finding, by the name of its check.
func (a *application) wants(d diagnosis, name, status string, words ...string) {
	a.t.Helper()
	for _, check := range d.Checks {
		if check.Name != name {
			continue
		}
		text := check.Subject + ": " + check.Text + "\n" + check.Remedy
		if check.Status != status || status == "fail" && check.Remedy == "" {
			a.t.Errorf("%s is %s, want %s: %s", name, check.Status, status, text)
		}
		for _, word := range words {
			if !strings.Contains(text, word) {
				a.t.Errorf("%s does not say %q:\n%s", name, word, text)
			}
		}
		return
	}
	a.t.Errorf("there is no check %s", name)
}

// TestDoctorOfTheExamples finds nothing to complain of, and shows it in 80 columns.
func TestDoctorOfTheExamples(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, name := range []string{"backend", "frontend"} {
		a := w.application(name)
		before := a.everything()
		d := a.doctor()
		for _, check := range d.Checks {
			if check.Status != "ok" && check.Status != "skipped" {
				t.Errorf("%s: %+v", name, check)
			}
		}
		if d.Schema != "astrago-ci/doctor/v1" || !d.Healthy {
			t.Errorf("%+v", d)
		}
		for _, check := range []string{"go", "git", "clock", "disk", "commit", "config", "environment", "buildkit", "push", "read", "write", "rules", "keys", "holds"} {
			a.wants(d, check, "ok")
		}
		a.wants(d, "buildkit", "ok", "BUILDKIT_HOST unix://", "it answers", "linux/")
		a.wants(d, "push", "ok", "GHCR_TOKEN may push")
		a.wants(d, "environment", "ok", "stage, by branch")
		a.wants(d, "keys", "ok", "would set", "imageTag")
		shown := a.succeed("doctor").stdout
		for line := range strings.Lines(shown) {
			if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 80 && !strings.Contains(line, string(os.PathSeparator)) || strings.Contains(line, "\x1b") {
				t.Errorf("%d columns: %q", n, line)
			}
		}
		t.Logf("%s", shown)
		if after := a.everything(); after != before {
			t.Errorf("something has changed:\n%s\nwas\n%s", after, before)
		}
	}
	for _, r := range w.registry.Requests() {
		if r.Kind != registry.Upload && r.Repository == example.Owner+"/backend" && r.Method != http.MethodGet && r.Method != http.MethodHead {
			t.Errorf("the registry was asked to %s %s", r.Method, r.Kind)
		}
	}
	if n := w.registry.Uploads(); n != 0 {
		t.Errorf("%d uploads are left", n)
	}
}

// everything is all that a run could leave: files of the application, the home and the cache, and references.
func (a *application) everything() string {
	a.t.Helper()
	var b strings.Builder
	dirs := []string{a.dir}
	for _, pair := range a.environ {
		if name, value, _ := strings.Cut(pair, "="); name == "HOME" || name == "XDG_CACHE_HOME" {
			dirs = append(dirs, value)
		}
	}
	for _, dir := range dirs {
		a.must(filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				info, err := entry.Info()
				a.must(err)
				fmt.Fprintln(&b, path, info.Size(), info.ModTime().UnixNano())
			}
			return err
		}))
	}
	refs, err := exec.CommandContext(a.t.Context(), "git", "-C", a.bare, "for-each-ref").Output()
	a.must(err)
	return b.String() + string(refs)
}

// TestDoctorFindsWhatIsWrong breaks one thing after the other; what is not broken stays well.
func TestDoctorFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	before := a.registry.Uploads()
	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		http.NotFound(w, r)
	}))
	t.Cleanup(late.Close)
	for name, test := range map[string]struct {
		env, args []string
		check     string
		words     []string
		others    []string // checks that stay well
	}{
		"a wrong registry token":     {[]string{"GHCR_TOKEN=wrong"}, nil, "push", []string{"access denied", "GHCR_TOKEN", "mistyped, expired or revoked"}, []string{"write", "buildkit"}},
		"no registry token":          {[]string{"GHCR_TOKEN="}, nil, "push", []string{"without credentials", "set GHCR_TOKEN"}, []string{"write"}},
		"a wrong deployment token":   {[]string{"DEPLOY_TOKEN=wrong"}, nil, "read", []string{"GitHub does not accept DEPLOY_TOKEN"}, []string{"push"}},
		"no deployment token":        {[]string{"DEPLOY_TOKEN="}, nil, "read", []string{"DEPLOY_TOKEN is not set"}, []string{"push"}},
		"a dead BuildKit":            {[]string{"BUILDKIT_HOST=tcp://127.0.0.1:1"}, nil, "buildkit", []string{"tcp://127.0.0.1:1", "refused"}, []string{"push", "read"}},
		"BUILDKIT_HOST is no URL":    {[]string{"BUILDKIT_HOST=nonsense"}, nil, "buildkit", []string{"its scheme is not supported"}, []string{"push"}},
		"an unknown environment":     {nil, []string{"-env=nowhere"}, "environment", []string{`no environment "nowhere"`, "stage"}, []string{"config", "push"}},
		"a GitHub of another time":   {[]string{"GITHUB_API_URL=" + late.URL}, nil, "clock", []string{"ahead of 127.0.0.1", "timedatectl"}, []string{"push"}},
		"an address of messages":     {[]string{"ASTRAGO_NOTIFY_URLS=nonsense://hidden"}, nil, "addresses", []string{"unknown service"}, []string{"push", "read"}},
		"SOURCE_DATE_EPOCH is a day": {[]string{"SOURCE_DATE_EPOCH=today"}, nil, "environment", []string{"SOURCE_DATE_EPOCH"}, []string{"config", "push"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := *a
			world := *a.world
			b.world, world.t = &world, t
			b.env = test.env
			if test.check == "addresses" {
				b.dir = filepath.Join(t.TempDir(), "app")
				b.must(example.Create(t.Context(), b.dir, "backend", example.Parameters{Registry: b.registry.Addr(), Base: b.base()}))
				b.write("astrago.yaml", readFile(t, filepath.Join(b.dir, "astrago.yaml"))+"\nnotify: {}\n")
				b.commit("notify")
			}
			d := b.doctor(test.args...)
			b.wants(d, test.check, "fail", test.words...)
			for _, other := range test.others {
				b.wants(d, other, "ok")
			}
			if strings.Contains(fmt.Sprint(d), "hidden") {
				t.Errorf("an address shows: %+v", d)
			}
		})
	}
	if got := a.registry.Uploads(); got != before {
		t.Errorf("%d uploads are left", got)
	}
}

// TestDoctorFindsWhatGitHubAndTheRegistryForbid changes what the servers allow.
func TestDoctorFindsWhatGitHubAndTheRegistryForbid(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.registry.AddUser("dev", a.registryToken, registry.Grant{Repository: example.Owner + "/*"})
	a.github.Grant(a.deployToken, example.Deployment, github.Permissions{Contents: github.Read, Role: "ADMIN"})
	a.must(a.github.Protect(example.Deployment, example.Branch, github.BranchRule))
	d := a.doctor()
	a.wants(d, "push", "fail", "lack the right on "+example.Owner+"/backend")
	a.wants(d, "write", "fail", "DEPLOY_TOKEN lacks a permission", "Contents read and write")
	a.wants(d, "rules", "fail", "forbid a direct commit", "deploy.mode: pull-request")
	a.wants(d, "keys", "ok")

	a.github.Grant(a.deployToken, example.Deployment, github.Permissions{Contents: github.Read})
	a.must(a.github.Protect(example.Deployment, example.Branch, github.Ruleset))
	a.replace("astrago.yaml", "imageTag", "moved.imageTag")
	a.commit("a key that is not there")
	d = a.doctor()
	a.wants(d, "write", "fail", "may only read it")
	a.wants(d, "rules", "fail", "rule pull_request")
	a.wants(d, "keys", "fail", "moved")
	a.wants(d, "read", "ok")

	a.replace("astrago.yaml", "file: "+example.ValuesPath, "file: gone.yaml")
	a.commit("a file that is not there")
	d = a.doctor()
	a.wants(d, "read", "fail", "gone.yaml", "the file does not exist")
	a.wants(d, "keys", "skipped")
}

// TestDoctorFindsWhatIsMissing has no Docker, no git and no room, holds that nobody can read, and daemons that are not all there.
func TestDoctorFindsWhatIsMissing(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.replace("astrago.yaml", "load: none ", "load: docker ")
	a.replace("astrago.yaml", "frontend: { args", "frontend: { platforms: [linux/ppc64], args")
	a.commit("a platform that nothing emulates")
	a.env = []string{"DOCKER_HOST=unix:///none"}
	d := a.doctor()
	a.wants(d, "load", "fail", "asking Docker at unix:///none", "load: none")
	a.wants(d, "buildkit", "warn", "it does not build linux/ppc64", "tonistiigi/binfmt")
	a.wants(d, "holds", "ok")

	var host string
	for _, pair := range a.environ {
		if value, ok := strings.CutPrefix(pair, "BUILDKIT_HOST="); ok {
			host = value
		}
	}
	a.env = []string{"BUILDKIT_HOST=" + host + ",tcp://127.0.0.1:1"}
	a.put(map[string]string{".astrago/holds/stage/frontend.yaml": "holds: [soon]\n"})
	d = a.doctor()
	a.wants(d, "buildkit", "warn", "tcp://127.0.0.1:1", "refused", "take it out of BUILDKIT_HOST")
	a.wants(d, "holds", "fail", ".astrago/holds/stage/frontend.yaml")

	a.env = []string{"PATH=" + t.TempDir()}
	d = a.doctor()
	a.wants(d, "git", "fail", "git is missing", "apt-get install git")
	a.wants(d, "go", "warn", "Go is missing", "go.dev/dl")
	a.env = nil
	a.put(map[string]string{".astrago/holds/stage/frontend.yaml": "holds: []\n"})
	a.succeed("hold", "-env=stage", "-reason=for the test")
	a.wants(a.doctor(), "holds", "warn", "1 component held")
}

// TestDoctorGoesOnWithoutARepository has less and less to look at: each time the rest is still checked.
func TestDoctorGoesOnWithoutARepository(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.write("new.txt", "x")
	d := a.doctor()
	a.wants(d, "commit", "warn", "1 changed file")
	git(t, a.dir, "checkout", "-q", "--detach")
	d = a.doctor()
	a.wants(d, "commit", "warn", "detached")
	a.wants(d, "environment", "fail", "on no branch", "-env=stage")
	a.wants(d, "push", "ok")
	a.wants(a.doctor("-env=stage"), "environment", "ok", "stage, by -env")

	git(t, a.dir, "checkout", "-q", "-b", "feature/x")
	a.wants(a.doctor(), "environment", "fail", `branch "feature/x" deploys nowhere`)
	a.replace("astrago.yaml", "repository: "+example.Deployment, "repository: OWNER/deployment")
	a.wants(a.doctor(), "config", "fail", "astrago.yaml:", "is a placeholder")
	a.replace("astrago.yaml", "repository: OWNER/deployment", "repository: <the deployment repository, owner/name>")
	d = a.doctor()
	a.wants(d, "config", "fail", "astrago.yaml:", "is still to be filled in", "write the deployment repository")
	a.write("astrago.yaml", "version: 1\nservise: x\n")
	d = a.doctor()
	a.wants(d, "config", "fail", "astrago.yaml:2:1", "servise", "missing key \"components\"")
	a.wants(d, "push", "skipped")
	a.wants(d, "buildkit", "ok")
	a.must(os.Remove(filepath.Join(a.dir, "astrago.yaml")))
	a.wants(a.doctor(), "config", "fail", "mage init")

	a.dir = t.TempDir()
	a.env = []string{"GITHUB_API_URL=http://127.0.0.1:1"}
	d = a.doctor()
	a.wants(d, "commit", "fail", "is in no git repository")
	a.wants(d, "clock", "skipped")
	a.wants(d, "git", "ok")
}

// TestDoctorKnowsTheSubmodule adds one whose remote goes on.
func TestDoctorKnowsTheSubmodule(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	library := filepath.Join(t.TempDir(), "library")
	a.must(os.MkdirAll(library, 0o755))
	git(t, library, "init", "-q", "-b", "main")
	a.must(os.WriteFile(filepath.Join(library, "go.mod"), []byte("module x\n"), 0o644))
	a.must(example.Commit(t.Context(), library, "a release"))
	a.wants(a.doctor(), "ci", "skipped", "not a submodule")
	git(t, a.dir, "submodule", "--quiet", "add", library, "ci")
	a.commit("add ci")
	d := a.doctor()
	a.wants(d, "ci", map[bool]string{true: "ok", false: "warn"}[strings.Contains(fmt.Sprint(d), "months ago") == false], "ci at ")

	git(t, library, "tag", "v1.1.0")
	a.must(os.WriteFile(filepath.Join(library, "more"), nil, 0o644))
	a.must(example.Commit(t.Context(), library, "another"))
	git(t, library, "tag", "v1.2.0")
	git(t, library, "tag", "v2.0.0-rc.1")
	git(t, filepath.Join(a.dir, "ci"), "fetch", "-q", "--tags")
	a.wants(a.doctor(), "ci", "warn", "1 commit behind origin/main", "v1.2.0 is out", "./ci/scripts/mage update")
	git(t, filepath.Join(a.dir, "ci"), "checkout", "-q", "v1.2.0")
	a.wants(a.doctor(), "ci", "warn", "this repository names", "git add ci")
	git(t, a.dir, "submodule", "--quiet", "deinit", "-f", "ci")
	d = a.doctor()
	a.wants(d, "ci", "fail", "not checked out", "git submodule update --init ci")
}

// TestDoctorAsksArgoCD with a token of each kind.
func TestDoctorAsksArgoCD(t *testing.T) {
	t.Parallel()
	const token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjaSJ9.c2lnbmF0dXJl" //nolint:gosec // of no server
	a := newWorld(t).application("backend")
	server := argocd.Start(argocd.Options{})
	t.Cleanup(server.Close)
	server.Allow(token, "default")
	a.replace("astrago.yaml", "    deploy:", "    argocd: { application: shop }\n    deploy:")
	a.commit("an application")
	a.wants(a.doctor(), "application", "warn", "ARGOCD_SERVER")
	a.env = []string{"ARGOCD_SERVER=" + server.URL(), "ARGOCD_AUTH_TOKEN=" + token}
	a.wants(a.doctor(), "application", "fail", "does not exist, or ARGOCD_AUTH_TOKEN may not see it")
	head, err := a.github.Head(example.Deployment, example.Branch)
	a.must(err)
	server.Create(argocd.New("shop", []argocd.Source{{RepoURL: "https://github.com/" + example.Deployment, TargetRevision: example.Branch}}, head), nil)
	a.wants(a.doctor(), "application", "ok", "/applications/shop")
	a.env = append(a.env, "ARGOCD_AUTH_TOKEN="+strings.Replace(token, "c2ln", "d3Jv", 1))
	a.wants(a.doctor(), "application", "fail", "does not take the token", "create-token")
	a.env = append(a.env, "ARGOCD_SERVER=http://127.0.0.1:1")
	a.wants(a.doctor(), "application", "fail", "asking 127.0.0.1:1")
}

// TestDoctorDoesNotHang has every server take requests and answer none.
func TestDoctorDoesNotHang(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	release := make(chan struct{})
	deaf := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	t.Cleanup(func() { close(release); deaf.Close() })
	a.registry.Inject(func(http.ResponseWriter, *http.Request, registry.Request) bool { <-release; return true })
	a.env = []string{"GITHUB_API_URL=" + deaf.URL, "BUILDKIT_HOST=" + strings.Replace(deaf.URL, "http", "tcp", 1)}
	d := a.doctor()
	for _, name := range []string{"read", "buildkit"} {
		a.wants(d, name, "fail")
	}
	a.wants(d, "push", "fail", "no answer")
	a.wants(d, "config", "ok")
	if !slices.ContainsFunc(d.Checks, func(c checked) bool {
		return c.Text == "no answer within 20s"
	}) {
		t.Errorf("%+v", d)
	}
}
