package targets_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// started and daily are the first lines of the blocks that TestQuickStart and TestReadmeCommands run, of the README and of
// docs/operations.md.
func started() []string { return []string{"git submodule add "} }

func daily() []string {
	return []string{"./ci/scripts/mage promote ", "./ci/scripts/mage status", "./ci/scripts/mage hold "}
}

// back is how the block of docs/migration.md begins that takes a repository back, which TestQuickStart runs at its end.
func back() []string { return []string{"git rm "} }

// elsewhereRun are the other commands of the documents, each behind the test that runs it, or the file of this repository.
const elsewhereRun = `TestQuickStart git clone https://github.com/xiilab/astrago-ci.git && cd astrago-ci
TestDemo ./scripts/mage demo
.ci/run ./scripts/mage test
TestInit GOFLAGS=-mod=readonly GOWORK="$PWD/magefiles/go.work" mage plan
TestUpdate ./ci/scripts/mage update
TestEntryInASubmodule ./ci/scripts/mage plan
TestUpdate git commit -m "ci: update"
TestReleaseIsOneTrace export OTEL_EXPORTER_OTLP_ENDPOINT=https://collector.example.com OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20$COLLECTOR_TOKEN
TestNotesOfAPromotion ./ci/scripts/mage notes -env=prod
TestNotesOfAPromotion ./ci/scripts/mage notes -env=prod -from=stage
TestNotesOfAPromotion ./ci/scripts/mage notes -env=prod -since=v1.2.0 -json
TestContributing go test ./magefiles/internal/plan
TestContributing go test ./magefiles/internal/plan -run TestNew -race
TestContributing go vet ./magefiles/internal/plan
.ci/run ./scripts/mage lint
TestReleaseIsOneTrace LOG_FORMAT=json ./ci/scripts/mage release -v 2>&1 >/dev/null | jq -R 'fromjson? | select(.msg == "request" and .seconds > 1)'
`

// runBy returns the places by command.
func runBy() map[string]string {
	places := map[string]string{}
	for line := range strings.Lines(elsewhereRun) {
		place, command, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		places[command] = place
	}
	return places
}

// foreign are commands of programs that are not ours, and not here.
func foreign(command string) bool {
	return strings.HasPrefix(command, "argocd ") || strings.HasPrefix(command, "gh release download ")
}

// shellBlocks are a document's commands, without comments, block by block.
func shellBlocks(t *testing.T, name string) (blocks [][]string) {
	t.Helper()
	for _, match := range block.FindAllStringSubmatch(guide(t, name), -1) {
		if !slices.Contains([]string{"sh", "bash", "shell", "console"}, match[1]) {
			continue
		}
		var lines []string
		for line := range strings.Lines(match[2]) {
			if line = strings.TrimSpace(comment.ReplaceAllString(line, "")); line != "" {
				lines = append(lines, line)
			}
		}
		blocks = append(blocks, lines)
	}
	return blocks
}

// blocksOf are a document's blocks whose first command begins with one of the prefixes.
func blocksOf(t *testing.T, name string, prefixes []string) (found [][]string) {
	t.Helper()
	for _, lines := range shellBlocks(t, name) {
		if slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(lines[0], prefix) }) {
			found = append(found, lines)
		}
	}
	return found
}

// TestEveryReadmeCommandIsRun knows of each line of the README and of docs/ which test runs it.
func TestEveryReadmeCommandIsRun(t *testing.T) {
	t.Parallel()
	here := slices.Concat(slices.Concat(blocksOf(t, readmePage, started()), blocksOf(t, operationsPage, daily()), blocksOf(t, migrationPage, back()))...)
	for _, name := range guides(t) {
		for _, line := range slices.Concat(shellBlocks(t, name)...) {
			if slices.Contains(here, line) {
				continue
			}
			if where, ok := runBy()[line]; !ok && !foreign(line) {
				t.Errorf("no test runs %q of %s", line, name)
			} else if ok && !runs(t, where, line) {
				t.Errorf("%s does not run %q of %s", where, line, name)
			}
		}
	}
}

// runs reports whether a test exists and names the target of a command, or whether a file has the command.
func runs(t *testing.T, where, command string) bool {
	t.Helper()
	root := filepath.Join("..", "..")
	if !strings.HasPrefix(where, "Test") {
		return strings.Contains(readFile(t, filepath.Join(root, where)), command+"\n")
	}
	_, arguments, _ := strings.Cut(command, "mage ")
	target, _, _ := strings.Cut(arguments, " ")
	found := false
	err := filepath.WalkDir(filepath.Join(root, "magefiles"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declared := range file.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Name.Name == where {
				text := readFile(t, path)
				found = target == "" || strings.Contains(text, `"`+target) || strings.Contains(text, target+".Run(")
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestReadmeCommands runs the blocks on promotion, state and rollback as they are, one after the other.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("backend", "")
	first := a.next("first")
	a.next("second")
	third := a.next("third")
	blocks := blocksOf(t, operationsPage, daily())
	if len(blocks) != len(daily()) {
		t.Fatalf("%d blocks", len(blocks))
	}
	for _, lines := range blocks {
		for _, line := range lines {
			line = strings.NewReplacer("./ci/scripts/mage", mage, "core-stage-9f8e7d6c", "core-stage-"+first).Replace(line)
			if r := a.shell(line, "", a.environ...); r.code != 0 {
				t.Fatalf("%s ends with %d:\n%s", line, r.code, r.stderr)
			}
		}
	}
	a.wantTags(prodPath, "core-prod-"+third)
	a.wantTags(example.ValuesPath, "core-stage-"+first)
	if page := readFile(t, filepath.Join(a.dir, ".astrago", "status.html")); !strings.Contains(page, "core-stage-"+third) {
		t.Error("the page does not name what was deployed")
	}
}

// shell runs a command line, or several, in the repository.
func (a *application) shell(script, input string, environ ...string) result {
	a.t.Helper()
	cmd := exec.CommandContext(a.t.Context(), "bash", "-euo", "pipefail", "-c", script)
	cmd.Dir, cmd.Env, cmd.Stdin = a.dir, environ, strings.NewReader(input)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		a.t.Fatal(err)
	}
	return result{stdout: stdout.String(), stderr: stderr.String(), code: cmd.ProcessState.ExitCode()}
}

// TestQuickStart runs the README's two ways from nothing to a first release as they are. Of its surroundings, git leads the
// addresses of github.com to repositories here, and the editor is one that fills in two lines.
func TestQuickStart(t *testing.T) {
	t.Parallel()
	library, cache := checkout(t), t.TempDir()
	w := newWorld(t)
	w.put(map[string]string{"environments/stage/values.yaml": "core:\n  imageTag: core-0\nbatch:\n  imageTag: batch-0\nfrontend:\n  imageTag: frontend-0\n"})
	git(t, library, "tag", "v"+astragoci.Version())
	blocks := blocksOf(t, readmePage, started())
	if len(blocks) != 2 {
		t.Fatalf("%d quick starts", len(blocks))
	}
	backend := w.newcomer(cache, library, "backend", map[string]string{
		"gradlew": gradlew, "build.gradle": "plugins { id 'org.springframework.boot' }\n", ".gitignore": "build/",
		"docker/core/Dockerfile": "FROM BASE\nCOPY build/libs/app.jar /\n", "docker/batch/Dockerfile": "FROM BASE\nCOPY build/libs/app.jar /\n",
	})
	backend.start(blocks[0], w.deployToken+"\n"+w.registryToken+"\n")
	for _, component := range []string{"core", "batch"} {
		if tag := component + "-stage-" + backend.shortSHA(); !strings.Contains(w.file("environments/stage/values.yaml"), tag) {
			t.Errorf("the first release has not set %s:\n%s", tag, w.file("environments/stage/values.yaml"))
		}
	}

	frontend := w.newcomer(cache, library, "frontend", map[string]string{
		"package.json": "{}", "src/index.html": "shop", ".gitignore": "node_modules", "Dockerfile": "FROM BASE AS build\nCOPY . .\nRUN echo npm ci\nFROM BASE\nCOPY --from=build /src /srv\n",
	})
	if planned := frontend.start(blocks[1], ""); !strings.Contains(planned.stdout+planned.stderr, "frontend-stage-") {
		t.Errorf("the plan of the frontend:\n%s", planned.stdout)
	}
	clone := frontend.shell("git clone -q https://github.com/xiilab/astrago-ci.git && cd astrago-ci && ls scripts/mage", "", frontend.env...)
	if clone.code != 0 || clone.stdout != "scripts/mage\n" {
		t.Errorf("the clone: %+v", clone)
	}
	frontend.goBack()
}

// goBack runs the way back of docs/migration.md, and finds nothing of ours in the repository.
func (n *newcomer) goBack() {
	n.t.Helper()
	blocks := blocksOf(n.t, migrationPage, back())
	if len(blocks) != 1 {
		n.t.Fatalf("%d ways back", len(blocks))
	}
	if r := n.shell(strings.Join(blocks[0], "\n"), "", n.env...); r.code != 0 {
		n.t.Fatalf("the way back ends with %d:\n%s", r.code, r.stderr)
	}
	left := n.shell("git status --porcelain && git ls-files", "", n.env...)
	for _, name := range []string{"astrago.yaml", "ci", ".gitmodules", "go.work", "magefiles/magefile.go", ".github/workflows/release.yml"} {
		if slices.Contains(strings.Split(left.stdout, "\n"), name) {
			n.t.Errorf("%s is still there:\n%s", name, left.stdout)
		}
	}
	if !strings.Contains(left.stdout, "package.json\n") {
		n.t.Errorf("the application's own files are %q", left.stdout)
	}
}

// newcomer is a repository on GitHub that has never heard of astrago-ci, cloned.
func (w *world) newcomer(cache, library, name string, files map[string]string) *newcomer {
	w.t.Helper()
	contents := map[string][]byte{}
	for path, content := range files {
		contents[path] = []byte(strings.ReplaceAll(content, "BASE", w.base()))
	}
	bare, err := w.github.CreateRepository(w.t.Context(), "acme/"+name, example.Branch, contents)
	w.must(err)
	home := w.t.TempDir()
	config := "[user]\n\tname = Kim\n\temail = kim@example.com\n[protocol \"file\"]\n\tallow = always\n" +
		"[url \"" + library + "\"]\n\tinsteadOf = https://github.com/xiilab/astrago-ci.git\n" +
		"[url \"" + bare + "\"]\n\tpushInsteadOf = https://github.com/acme/" + name + ".git\n"
	editor := "#!/bin/sh\nexec sed -i -e 's|<the deployment repository, owner/name>|" + example.Deployment + "|' -e 's|branch: main |branch: " + example.Branch +
		" |' -e 's|<the path of its values file>|environments/stage/values.yaml|' -e 's|ghcr.io/|" + w.registry.Addr() + "/|' \"$@\"\n"
	w.must(os.WriteFile(filepath.Join(home, "gitconfig"), []byte(config), 0o644))
	w.must(os.WriteFile(filepath.Join(home, "editor"), []byte(editor), 0o755))
	a := &application{world: w, name: name, dir: filepath.Join(w.t.TempDir(), name)}
	git(w.t, filepath.Dir(a.dir), "clone", "-q", bare, a.dir)
	git(w.t, a.dir, "remote", "set-url", "origin", "https://github.com/acme/"+name+".git")
	if _, err := os.Stat(filepath.Join(a.dir, "gradlew")); err == nil {
		w.must(os.Chmod(filepath.Join(a.dir, "gradlew"), 0o755))
		a.commit("gradlew can be run")
	}
	a.env = append(os.Environ(), (&adopter{application: a, library: library}).runEnv()...)
	a.env = append(a.env, "XDG_CACHE_HOME="+cache, "GOCACHE="+goEnv(w.t, "GOCACHE"), "GOMODCACHE="+goEnv(w.t, "GOMODCACHE"),
		"GIT_CONFIG_GLOBAL="+filepath.Join(home, "gitconfig"), "EDITOR="+filepath.Join(home, "editor"))
	return &newcomer{a, bare}
}

type newcomer struct {
	*application
	bare string
}

// start runs a quick start, with what is typed where it asks for tokens: else they are in the environment.
func (n *newcomer) start(lines []string, typed string) result {
	n.t.Helper()
	environ := slices.Clone(n.env)
	if typed != "" {
		environ = append(environ, "DEPLOY_TOKEN=", "GHCR_TOKEN=")
	}
	r := n.shell(strings.Join(lines, "\n"), typed, environ...)
	if r.code != 0 {
		n.t.Fatalf("the quick start of the %s ends with %d:\n%s\n%s", n.name, r.code, r.stdout, r.stderr)
	}
	pushed, err := exec.CommandContext(n.t.Context(), "git", "-C", n.bare, "ls-tree", "-r", "--name-only", example.Branch).Output()
	n.must(err)
	for _, name := range []string{"astrago.yaml", ".github/workflows/release.yml", "ci"} {
		if !slices.Contains(strings.Split(string(pushed), "\n"), name) {
			n.t.Errorf("the repository of the %s has no %s:\n%s", n.name, name, pushed)
		}
	}
	return r
}
