//go:build linux

package targets_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// attacked gives an application a dependency whose build script, run by `prepare`, takes what it can: what it finds is in loot.
func attacked(t *testing.T, script string) (a *application, loot string) {
	t.Helper()
	a = newWorld(t).application("frontend")
	loot = filepath.Join(t.TempDir(), "loot")
	a.env = []string{"GITHUB_TOKEN=github-token-0123456789", "ARGOCD_AUTH_TOKEN=argocd-token-0123456789", "GITHUB_ENV=" + loot + ".env", "LOOT=" + loot}
	a.write("attack.sh", "set +e\n"+script)
	a.write("astrago.yaml", strings.Replace(readFile(t, filepath.Join(a.dir, "astrago.yaml")), "service: frontend", "service: frontend\nprepare: ['. ./attack.sh; true']", 1))
	a.commit("a dependency")
	return a, loot
}

// found fails the test where loot has one of the release's tokens.
func (a *application) found(loot string) {
	a.t.Helper()
	text := readFile(a.t, loot)
	for name, secret := range map[string]string{"GHCR_TOKEN": a.registryToken, "DEPLOY_TOKEN": a.deployToken, "GITHUB_TOKEN": "github-token-0123456789", "ARGOCD_AUTH_TOKEN": "argocd-token-0123456789"} {
		if strings.Contains(text, secret) {
			a.t.Errorf("the build script has %s", name)
		}
	}
	if !strings.Contains(text, "looked") {
		a.t.Errorf("the build script did not run: %q", text)
	}
}

// TestAttackPrepare releases with a dependency that reads the environments of all processes that started it, and that makes git
// and docker run a program of its own, with whatever those have.
func TestAttackPrepare(t *testing.T) {
	t.Parallel()
	a, loot := attacked(t, `echo looked >>"$LOOT"
env >>"$LOOT"
# The processes that started this one, up to the one under test; what a test itself has is its own.
tr '\0' '\n' </proc/$PPID/environ >>"$LOOT"
planted=$LOOT.sh
printf '#!/bin/sh\nenv >>%s\ntr "\\0" "\\n" </proc/$PPID/environ >>%s\nexit 1\n' "$LOOT" "$LOOT" >"$planted"
chmod +x "$planted"
git config core.fsmonitor "$planted"
git config core.hooksPath "$LOOT.hooks"
mkdir -p "$LOOT.hooks" "$HOME/.docker"
for hook in post-index-change post-checkout reference-transaction; do cp "$planted" "$LOOT.hooks/$hook"; done
[ -z "$GITHUB_ENV" ] || echo stolen >>"$GITHUB_ENV"
`)
	a.succeed("release", "-noWait")
	a.found(loot)
	if text := readFile(t, loot); strings.Count(text, "PWD=") > 2 {
		t.Errorf("git ran the planted program:\n%s", text)
	}
	if _, err := os.Stat(loot + ".env"); err == nil {
		t.Error("the build script reaches the runner's file of variables")
	}
}

// TestTwoJobs builds without a token that deploys, and deploys without running anything of the application.
func TestTwoJobs(t *testing.T) {
	t.Parallel()
	a, loot := attacked(t, `echo looked >>"$LOOT"; env >>"$LOOT"; tr '\0' '\n' </proc/$PPID/environ >>"$LOOT"`)
	all := a.environ
	without := func(names ...string) {
		a.environ = slices.DeleteFunc(slices.Clone(all), func(pair string) bool {
			name, _, _ := strings.Cut(pair, "=")
			return slices.Contains(names, name)
		})
	}
	without("DEPLOY_TOKEN")
	images := strings.TrimSpace(a.succeed("push", "-build").stdout)
	a.found(loot)
	if !a.pushed("frontend") || len(a.log()) != 1 || !strings.Contains(images, "@sha256:") {
		t.Fatalf("pushed %q, committed %q", images, a.log())
	}
	if again := strings.TrimSpace(a.succeed("push", "-build").stdout); again != images {
		t.Errorf("again it is %q, and was %q", again, images)
	}
	a.must(os.Remove(loot))
	without("BUILDKIT_HOST")
	a.environ = append(a.environ, "BUILDKIT_HOST=unix:///nowhere")
	other := regexp.MustCompile("@sha256:[0-9a-f]{64}").ReplaceAllString(images, "@sha256:"+strings.Repeat("0", 64))
	for _, command := range []string{"bump", "release"} {
		a.refuse(3, []string{"which is not what -images hands over", "that is sha256:000"}, command, "-images="+other)
		a.refuse(3, []string{"where it does not stand"}, command, "-images=")
	}
	if len(a.log()) != 1 {
		t.Fatalf("committed %q", a.log())
	}
	a.succeed("release", "-images="+images, "-noWait")
	if len(a.log()) != 2 || !strings.Contains(a.values(), "frontend-stage-"+a.shortSHA()) {
		t.Errorf("committed %q\n%s", a.log(), a.values())
	}
	if _, err := os.Stat(loot); err == nil {
		t.Error("the job that deploys ran `prepare`")
	}
}

// TestTwoJobsOfWorkflows reads the workflows: the job that runs what the application wrote has no token that deploys, and the
// one with those builds nothing; no shell stays beside a release, and what is cached is kept before anything else runs. In the
// reusable workflow the job that deploys has what its caller grants, and no other job does.
func TestTwoJobsOfWorkflows(t *testing.T) {
	t.Parallel()
	type step struct {
		Uses, Run string
		With, Env map[string]string
	}
	type workflow struct {
		Jobs map[string]struct {
			Needs       string
			Permissions map[string]string
			Env         map[string]string
			Steps       []step
		}
	}
	secrets := []string{"DEPLOY_TOKEN", "ARGOCD_AUTH_TOKEN", "GITHUB_TOKEN"}
	for _, path := range []string{"../../.github/workflows/release.yml", "../../templates/generic/.github/workflows/release.yml"} {
		var file workflow
		if err := yaml.Unmarshal([]byte(readFile(t, path)), &file); err != nil {
			t.Fatal(err)
		}
		deploys := 0
		for name, job := range file.Jobs {
			for _, s := range job.Steps {
				ran, tokens := s.Run, 0
				for variable := range s.Env {
					if slices.Contains(secrets, variable) {
						tokens++
					}
				}
				if s.Env["GHCR_TOKEN"] != "" && s.Env["GHCR_HOST"] == "" {
					t.Errorf("%s: a step of %s does not say for which registry the token is", path, name)
				}
				inherits := job.Permissions == nil && strings.HasPrefix(path, "../../.github/")
				builds := strings.Contains(ran, "mage build") || strings.Contains(ran, "-build")
				switch {
				case builds && (tokens > 0 || job.Permissions == nil || job.Permissions["deployments"] != "" || job.Env["DEPLOY_TOKEN"] != ""):
					t.Errorf("%s: the job %s builds, and has a token that deploys", path, name)
				case tokens > 0 && (!inherits && job.Permissions["packages"] != "read" || job.Needs != "build" || !strings.Contains(ran, `"-images=$IMAGES"`)):
					t.Errorf("%s: the job %s deploys, and may push images or deploys others than those that were built", path, name)
				case tokens > 0:
					deploys++
				}
				if strings.Contains(ran, "mage release") && !strings.Contains(ran, "exec mage release") || strings.Contains(ran, "mage push") && !strings.Contains(ran, "exec credentials run mage push") {
					t.Errorf("%s: a shell with the tokens stays beside mage in the job %s", path, name)
				}
			}
		}
		if deploys != 1 {
			t.Errorf("%s: %d jobs deploy", path, deploys)
		}
	}
	var action struct{ Runs struct{ Steps []step } }
	if err := yaml.Unmarshal([]byte(readFile(t, "../../.github/actions/setup/action.yml")), &action); err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, s := range action.Runs.Steps {
		name, _, _ := strings.Cut(s.Uses, "@")
		switch {
		case strings.HasPrefix(name, "actions/cache/"):
			order = append(order, strings.TrimPrefix(name, "actions/cache/"))
		case name == "actions/cache" && !strings.Contains(s.With["path"], "helm"):
			t.Errorf("%s is kept at the end of the job, after `prepare`", s.With["path"])
		case strings.Contains(s.Run, `scripts/mage" -l`):
			order = append(order, "compile")
		}
	}
	if !slices.Equal(order, []string{"restore", "compile", "save"}) {
		t.Errorf("the targets are cached in the order %q", order)
	}
}
