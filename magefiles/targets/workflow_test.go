package targets_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/tool"
	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// The workflows run for real in act (github.com/nektos/act) on this machine, without a container: the templates as they are,
// the reusable workflow, the composite action, and in them the targets, against the registry, the GitHub and the BuildKit of
// the other tests.
//
// What act cannot do here is fetch actions from github.com. actions/checkout is act's own: it copies the application as it
// is. The four others, npm and corepack are replaced: they do nothing but write down what they were asked for, so that what a
// cache restores and what a JDK is good for is not tested. `concurrency` and `permissions` mean nothing to act; actionlint
// reads them.

var (
	pinned    = regexp.MustCompile(`uses: (actions/[a-z-]+)(?:/[a-z]+)?(@[0-9a-f]{40}) # v\d+\.\d+\.\d+\n`)
	toolsLine = regexp.MustCompile(`# with: \{.*\}.*`)
	queueLine = regexp.MustCompile(`(?m)^  queue: .*\n`) // act does not know it
	cachePath = regexp.MustCompile(`(?:cache|restore) path=(\S+)\s+key=(\S+)`)
)

// workflow is an application repository on GitHub with ci/ and the workflow of its kind.
type workflow struct {
	*application
	act   string
	stand string // directory of the actions that stand in for others
	asked string // file of what they were asked for
	cache string // of the compiled targets
	token string // the workflow's own
	ghcr  string // the secret GHCR_TOKEN, where it is set

	secrets map[string]string // further ones
}

// newWorkflow puts more behind the template's text, which runs in the same workflow.
func newWorkflow(t *testing.T, kind, more string) *workflow {
	t.Helper()
	act, err := tool.Build(t.Context(), "act", "github.com/nektos/act")
	if err != nil {
		t.Fatal(err)
	}
	w := &workflow{application: newWorld(t).application(kind), act: act, stand: t.TempDir(), cache: t.TempDir()}
	w.asked, w.token = filepath.Join(w.stand, "asked"), w.registryToken
	library := checkout(t)
	git(t, w.dir, "submodule", "--quiet", "add", library, "ci")
	template := readFile(t, filepath.Join("..", "..", "templates", kind, ".github", "workflows", "release.yml"))
	w.write(".github/workflows/release.yml", queueLine.ReplaceAllString(template, "")+more)
	w.commit("release from a workflow")
	w.standIn("cache", "path key")
	w.standIn("cache/restore", "path key")
	w.standIn("cache/save", "path key")
	w.standIn("setup-go", "go-version-file cache-dependency-path")
	w.standIn("setup-java", "distribution java-version cache")
	w.standIn("setup-node", "node-version cache package-manager-cache cache-dependency-path")
	w.standIn("upload-artifact", "name path if-no-files-found overwrite include-hidden-files")
	for _, name := range []string{"npm", "corepack"} {
		script := "#!/bin/sh\necho \"" + name + " $*\" >>'" + w.asked + "'\n"
		w.must(os.WriteFile(filepath.Join(w.stand, name), []byte(script), 0o755))
	}
	w.publish(kind)
	return w
}

// again commits what was written, and brings it to GitHub.
func (w *workflow) again(kind, message string) {
	w.t.Helper()
	w.commit(message)
	git(w.t, w.dir, "push", "-q", filepath.Join(filepath.Dir(w.bare), kind+".git"), "HEAD:refs/heads/"+example.Branch)
}

// publish brings the commit to GitHub, where a workflow's own token may show how it is released.
func (w *workflow) publish(kind string) {
	w.t.Helper()
	bare, err := w.github.CreateRepository(w.t.Context(), "acme/"+kind, "main", map[string][]byte{"README.md": []byte("# " + kind)})
	w.must(err)
	git(w.t, w.dir, "push", "-q", bare, "HEAD:refs/heads/"+example.Branch)
	w.grant(kind, w.token)
}

// grant lets a token do at GitHub what a workflow's own may.
func (w *workflow) grant(kind, token string) {
	w.github.Grant(token, "acme/"+kind, github.Permissions{Contents: github.Read, Deployments: github.Write, Statuses: github.Write})
}

// standIn writes an action that writes down its inputs.
func (w *workflow) standIn(name, inputs string) {
	w.t.Helper()
	text := "name: " + name + "\ndescription: stands in\ninputs:\n"
	line := filepath.Base(name)
	for input := range strings.FieldsSeq(inputs) {
		text += "  " + input + ": { description: recorded }\n"
		line += " " + input + "=${{ inputs." + input + " }}"
	}
	text += "runs:\n  using: composite\n  steps:\n    - shell: bash\n      run: echo '" + line + "' >> '" + w.asked + "'\n" +
		"    - shell: bash\n      run: if [ -x '" + w.stand + "'/before-$GITHUB_JOB ]; then '" + w.stand + "'/before-$GITHUB_JOB; fi\n"
	w.must(os.MkdirAll(filepath.Join(w.stand, name), 0o755))
	w.must(os.WriteFile(filepath.Join(w.stand, name, "action.yml"), []byte(text), 0o644))
}

// replaced are act's arguments that lead an action of a pinned commit, and this repository's workflow of its version, to
// directories here.
func (w *workflow) replaced() []string {
	w.t.Helper()
	library := filepath.Join(w.dir, "ci")
	if _, err := os.Stat(library); err != nil {
		library = filepath.Join(w.dir, "tools")
	}
	args := []string{"--local-repository", "xiilab/astrago-ci@v" + astragoci.Version() + "=" + library}
	for _, file := range []string{".github/workflows/release.yml", ".github/workflows/operate.yml", ".github/actions/setup/action.yml"} {
		for _, uses := range pinned.FindAllStringSubmatch(readFile(w.t, filepath.Join(library, file)), -1) {
			args = append(args, "--local-repository", uses[1]+uses[2]+"="+filepath.Join(w.stand, filepath.Base(uses[1])))
		}
	}
	return args
}

// run runs the workflow for an event, and fails the test where a job fails. It gives what the jobs print.
func (w *workflow) run(event string, args ...string) string {
	w.t.Helper()
	out, err := w.try(event, args...)
	if err != nil {
		w.t.Fatalf("act %s: %v\n%s", event, err, out)
	}
	return out
}

// try is run for a workflow that may fail.
func (w *workflow) try(event string, args ...string) (string, error) {
	w.t.Helper()
	home := w.t.TempDir()
	w.must(os.MkdirAll(filepath.Join(home, ".config", "act"), 0o755))
	w.must(os.WriteFile(filepath.Join(home, ".config", "act", "actrc"), nil, 0o644))
	all := append([]string{event, "-P", "ubuntu-latest=-self-hosted", "--no-cache-server", "--actor", "dev"}, w.replaced()...)
	cmd := exec.CommandContext(w.t.Context(), w.act, append(all, args...)...)
	cmd.Dir = w.dir
	cmd.Env = slices.DeleteFunc(slices.Clone(w.environ), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains([]string{"GHCR_TOKEN", "GHCR_USER", "GHCR_HOST", "DEPLOY_TOKEN", "HOME", "XDG_CACHE_HOME"}, name)
	})
	cmd.Env = append(cmd.Env, "HOME="+home, "XDG_CACHE_HOME="+w.cache, "GOCACHE="+goEnv(w.t, "GOCACHE"), "GOMODCACHE="+goEnv(w.t, "GOMODCACHE"),
		"GITHUB_TOKEN="+w.token, "DEPLOY_TOKEN="+w.deployToken, "PATH="+w.stand+string(os.PathListSeparator)+os.Getenv("PATH"))
	cmd.Args = append(cmd.Args, "--secret", "GITHUB_TOKEN", "--secret", "DEPLOY_TOKEN", "--var", "GHCR_HOST="+w.registry.Addr(), "--env", "GITHUB_API_URL="+w.github.URL())
	if w.ghcr != "" {
		cmd.Env, cmd.Args = append(cmd.Env, "GHCR_TOKEN="+w.ghcr), append(cmd.Args, "--secret", "GHCR_TOKEN")
	}
	for name, value := range w.secrets {
		cmd.Env, cmd.Args = append(cmd.Env, name+"="+value), append(cmd.Args, "--secret", name)
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// beside is what GitHub shows of a commit of the application: its deployments, newest first, and its commit statuses.
func (w *workflow) beside(kind string) (states []string) {
	w.t.Helper()
	base := w.github.URL() + "/repos/acme/" + kind
	var deployments []struct {
		Environment string
		Statuses    string `json:"statuses_url"`
	}
	w.get(base+"/deployments", &deployments)
	for _, d := range deployments {
		var all []struct{ State string }
		w.get(d.Statuses, &all)
		states = append(states, d.Environment+" "+all[0].State)
	}
	var combined struct {
		State    string
		Statuses []struct{ Context, State string }
	}
	w.get(base+"/commits/"+w.sha()+"/status", &combined)
	for _, s := range combined.Statuses {
		states = append(states, s.Context+" "+s.State)
	}
	return states
}

func (w *workflow) get(address string, answer any) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, address, nil)
	w.must(err)
	request.Header.Set("Authorization", "Bearer "+w.registryToken)
	response, err := http.DefaultClient.Do(request)
	w.must(err)
	defer response.Body.Close()
	w.must(json.NewDecoder(response.Body).Decode(answer))
}

// TestBackendWorkflow releases by a push, proposes by a pull request, and releases one component by hand.
func TestBackendWorkflow(t *testing.T) {
	t.Parallel()
	w := newWorkflow(t, "backend", `  after:
    needs: release
    runs-on: ubuntu-latest
    steps:
      - run: echo "committed $COMMIT, changed $CHANGED"
        env:
          COMMIT: ${{ needs.release.outputs.commit }}
          CHANGED: ${{ needs.release.outputs.changed }}
`)
	proposal := w.proposal()
	planned := w.run("pull_request", "-e", proposal)
	for _, want := range []string{"What a release of backend to stage would do", "core-stage-" + w.shortSHA(), "built"} {
		if !strings.Contains(planned, want) {
			t.Errorf("the pull request does not show %q:\n%s", want, planned)
		}
	}
	if w.pushed("backend") || len(w.log()) != 1 || len(w.beside("backend")) != 0 {
		t.Errorf("the pull request pushed, committed or showed something: %q %q", w.log(), w.beside("backend"))
	}

	first := w.run("push")
	head, err := w.github.Head(example.Deployment, example.Branch)
	w.must(err)
	for _, want := range []string{"## ✓ backend released to stage", "committed " + head + ", changed true"} {
		if !strings.Contains(first, want) {
			t.Errorf("the push does not show %q:\n%s", want, first)
		}
	}
	for _, component := range []string{"core", "batch", "monitor"} {
		if !strings.Contains(w.values(), component+"-stage-"+w.shortSHA()) {
			t.Errorf("the values do not name %s:\n%s", component, w.values())
		}
	}
	if got, want := w.beside("backend"), []string{"stage success", "astrago/backend-stage success"}; !slices.Equal(got, want) {
		t.Errorf("beside the commit are %q, want %q", got, want)
	}
	out, err := exec.CommandContext(t.Context(), "git", "-C", w.bare, "log", "-1", "--format=%(trailers:key=Astrago-Run,valueonly)", example.Branch).Output()
	if err != nil || strings.TrimSpace(string(out)) != "https://github.com/acme/backend/actions/runs/1" {
		t.Errorf("the commit names the run %q, %v", out, err)
	}
	for _, secret := range []string{w.registryToken, w.deployToken} {
		if strings.Contains(planned+first, secret) {
			t.Error("a token shows")
		}
	}
	w.askedForCaches()
	if compiling := "compiling the targets, once for this version"; !strings.Contains(planned, compiling) || strings.Contains(first, compiling) {
		t.Errorf("what the first run has compiled is not what the second one uses:\n%s", first)
	}
}

// proposal is the event of a pull request for the branch that is deployed.
func (w *workflow) proposal() string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "event.json")
	event := map[string]any{"pull_request": map[string]any{
		"number": 7, "head": map[string]any{"ref": "feature", "sha": w.sha()}, "base": map[string]any{"ref": example.Branch, "sha": w.sha()},
	}}
	data, err := json.Marshal(event)
	w.must(errors.Join(err, os.WriteFile(path, data, 0o644)))
	return path
}

// askedForCaches holds the action against what it caches: the directory that it names has the compiled targets after a run,
// and the patterns of the tools are where a release looks for them.
func (w *workflow) askedForCaches() {
	w.t.Helper()
	asked := readFile(w.t, w.asked)
	for _, want := range []string{"setup-java distribution=temurin java-version=21 cache=\n", "setup-go go-version-file=ci/go.mod cache-dependency-path=ci/go.sum", "upload-artifact name=release-1 path=.astrago/release.html\n.astrago/release.json", "include-hidden-files=true"} {
		if !strings.Contains(asked, want) {
			w.t.Errorf("nothing asks for %q:\n%s", want, asked)
		}
	}
	bin := filepath.Join(w.cache, "astrago-ci", "bin")
	tools := map[string]string{"helm": w.tool(bin, "helm"), "helmfile": w.tool(bin, "helmfile")}
	targets := 0
	for _, match := range cachePath.FindAllStringSubmatch(asked, -1) {
		name, _, _ := strings.Cut(strings.TrimPrefix(match[2], "astrago-ci-"), "-")
		kept, isTool := tools[name]
		if !isTool {
			if _, err := os.Stat(filepath.Join(match[1], "targets")); err != nil || !strings.HasSuffix(match[2], filepath.Base(match[1])) {
				w.t.Errorf("the cache %s of %s is not what holds the targets: %v", match[2], match[1], err)
			}
			targets++
			continue
		}
		if found, err := filepath.Match(match[1], kept); err != nil || !found || strings.HasSuffix(match[2], "-") {
			w.t.Errorf("the cache %s of %s does not keep %s, %v", match[2], match[1], kept, err)
		}
	}
	if got := len(cachePath.FindAllString(asked, -1)); targets != 3 || got != 3+len(tools) {
		w.t.Errorf("%d caches in three jobs, %d of the targets:\n%s", got, targets, asked)
	}
}

// tool is where a tool of scripts/tools is kept.
func (w *workflow) tool(bin, name string) string {
	w.t.Helper()
	module := toolchain.Module{Dir: filepath.Join(w.dir, "ci", "scripts", "tools", name)}
	path, err := toolchain.Tool{Name: name, Bin: bin, Module: module}.Path()
	w.must(err)
	return path
}

// TestFrontendWorkflow is started by hand, for a component: first it only shows what would change. The registry takes the
// secret, and not the workflow's own token.
func TestFrontendWorkflow(t *testing.T) {
	t.Parallel()
	w := newWorkflow(t, "frontend", "")
	w.token, w.ghcr = "of-the-workflow", w.registryToken
	w.grant("frontend", w.token)
	w.replace(".github/workflows/release.yml", "# node-version:", "node-version:")
	w.replace(".github/workflows/release.yml", "# package-manager:", "package-manager:")
	w.write("web/package-lock.json", "{}")
	w.again("frontend", "lock what npm installs")
	by := []string{"--input", "environment=stage", "--input", "only=frontend"}
	shown := w.run("workflow_dispatch", append(slices.Clone(by), "--input", "dry-run=true")...)
	if !strings.Contains(shown, "dry run: nothing was built, pushed or committed") || w.pushed("frontend") || len(w.log()) != 1 || len(w.beside("frontend")) != 0 {
		t.Errorf("the dry run did something:\n%s", shown)
	}
	w.run("workflow_dispatch", by...)
	if !strings.Contains(w.values(), "frontend-stage-"+w.shortSHA()) || !w.pushed("frontend") {
		t.Errorf("the values are\n%s", w.values())
	}
	if got, want := w.beside("frontend"), []string{"stage success", "astrago/frontend-stage success"}; !slices.Equal(got, want) {
		t.Errorf("beside the commit are %q, want %q", got, want)
	}
	asked := readFile(t, w.asked)
	if want := "setup-node node-version=22 cache=npm package-manager-cache=false cache-dependency-path=web/package-lock.json\n"; !strings.Contains(asked, want) ||
		strings.Contains(asked, "setup-java") || strings.Contains(asked, "corepack") {
		t.Errorf("asked for\n%s", asked)
	}
	w.elsewhere()
	w.ownSteps()
	w.releasedTargets()
}

// elsewhere calls the workflow with the submodule in another folder than ci/, as `init` writes it, and brings it back.
func (w *workflow) elsewhere() {
	w.t.Helper()
	template := readFile(w.t, filepath.Join(w.dir, ".github", "workflows", "release.yml"))
	git(w.t, w.dir, "mv", "ci", "tools")
	w.replace(".github/workflows/release.yml", "# path: ci ", "path: tools ")
	w.commit("the submodule in another folder")
	shown := w.run("workflow_dispatch", "--input", "environment=stage", "--input", "dry-run=true")
	if !strings.Contains(shown, "dry run: nothing was built, pushed or committed") {
		w.t.Errorf("with the submodule in tools/:\n%s", shown)
	}
	git(w.t, w.dir, "mv", "tools", "ci")
	w.write(".github/workflows/release.yml", template)
	w.commit("back in ci/")
}

// ownSteps runs the workflow that has steps of its own, with the compiled targets of the runs before: a pull request, then
// by hand.
func (w *workflow) ownSteps() {
	w.t.Helper()
	generic := readFile(w.t, filepath.Join("..", "..", "templates", "generic", ".github", "workflows", "release.yml"))
	w.write(".github/workflows/release.yml", toolsLine.ReplaceAllString(queueLine.ReplaceAllString(generic, ""), "with: { node-version: '22', package-manager: pnpm, java-version: '17', java-cache: maven }"))
	w.write("pnpm-lock.yaml", "")
	w.write("pom.xml", "")
	w.again("frontend", "steps of our own")
	w.token = w.registryToken // that of a pull request reads the registry
	before := len(w.log())
	if planned := w.run("pull_request", "-e", w.proposal()); !strings.Contains(planned, "What a release of frontend to stage would do") || len(w.log()) != before {
		w.t.Errorf("the pull request shows\n%s", planned)
	}
	asked := readFile(w.t, w.asked)
	for _, want := range []string{
		"setup-java distribution=temurin java-version=17 cache=maven\n",
		"setup-node node-version=22 cache= package-manager-cache=false cache-dependency-path=pnpm-lock.yaml\nnpm install --global --no-fund --no-audit corepack@0.34.0\n" +
			"corepack enable\nsetup-node node-version=22 cache=pnpm package-manager-cache=false cache-dependency-path=pnpm-lock.yaml\n",
	} {
		if !strings.Contains(asked, want) {
			w.t.Errorf("nothing asks for %q:\n%s", want, asked)
		}
	}
	w.token = "of-the-workflow"
	w.run("workflow_dispatch", "--input", "environment=stage", "--input", "only=frontend")
	if !strings.Contains(w.values(), "frontend-stage-"+w.shortSHA()) || len(w.log()) != before+1 {
		w.t.Errorf("the values are\n%s", w.values())
	}
}
