package targets_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// adopter is an application repository that has just added the submodule.
type adopter struct {
	*application
	library string
	next    string // what init says is to be done
}

// adopt makes one from files; BASE in them is the base image.
func (w *world) adopt(library, name string, files map[string]string) *adopter {
	w.t.Helper()
	a := &adopter{&application{world: w, name: name, dir: filepath.Join(w.t.TempDir(), "my "+name)}, library, ""}
	for path, content := range files {
		a.write(path, strings.ReplaceAll(content, "BASE", w.base()))
		if path == "gradlew" {
			a.must(os.Chmod(filepath.Join(a.dir, path), 0o755))
		}
	}
	git(w.t, a.dir, "init", "-q", "-b", example.Branch)
	git(w.t, a.dir, "remote", "add", "origin", "https://github.com/Acme/"+name+".git")
	a.commit("what was there")
	git(w.t, a.dir, "submodule", "--quiet", "add", library, "ci")
	return a
}

// fill writes what init leaves to a person, and the registry of the test.
func (a *adopter) fill() {
	a.t.Helper()
	a.replace("astrago.yaml", "<the deployment repository, owner/name>", example.Deployment)
	a.replace("astrago.yaml", "branch: main ", "branch: "+example.Branch+" ")
	a.replace("astrago.yaml", "<the path of its values file>", example.ValuesPath)
	a.replace("astrago.yaml", "ghcr.io/", a.registry.Addr()+"/")
	a.commit("use astrago-ci")
}

// gradlew stands for gradle: it writes a jar for each module.
const gradlew = "#!/bin/sh\nset -eu\n[ \"$1\" = bootJar ]\nfor m in server-core server-batch .; do mkdir -p $m/build/libs && echo jar of $m >$m/build/libs/app.jar; done\n"

// TestInit takes repositories of every layout from nothing to images, as their people would. What differs in content is
// compiled anew, so that they share one cache.
func TestInit(t *testing.T) {
	t.Parallel()
	library, cache := checkout(t), t.TempDir()
	w := newWorld(t)
	jar := "FROM BASE\nARG JAR_FILE=build/libs/*.jar\nCOPY ${JAR_FILE} /app.jar\n"
	boot := "plugins { id 'org.springframework.boot' }\n"
	for name, test := range map[string]struct {
		files  map[string]string
		images []string // components
		goapp  bool
	}{
		"brief": {map[string]string{
			"gradlew": gradlew, "build.gradle": boot, ".gitignore": "build/",
			"docker/core/Dockerfile": "FROM BASE\nCOPY build/libs/app.jar /\n", "docker/batch/Dockerfile": "FROM BASE\nCOPY build/libs/app.jar /\n",
		}, []string{"batch", "core"}, false},
		"modules": {map[string]string{
			"gradlew": gradlew, "settings.gradle": "include 'server-core', 'server-batch'", ".gitignore": "build/",
			"server-core/build.gradle": boot, "server-core/Dockerfile": jar, "server-batch/build.gradle": boot, "server-batch/Dockerfile": jar,
		}, []string{"batch", "core"}, false},
		"frontend": {map[string]string{
			"package.json": "{}", "src/index.html": "shop", ".gitignore": "node_modules",
			"Dockerfile": "FROM BASE AS build\nCOPY package.json ./\nRUN echo npm ci\nCOPY . .\nRUN write /dist/index.html built\nFROM BASE\nCOPY --from=build /dist /srv\n",
		}, []string{"frontend"}, false},
		"root": {map[string]string{"Dockerfile": "FROM BASE\nRUN true\n"}, []string{"root"}, false},
		"vendored": {map[string]string{
			"go.mod": "module example.com/shop\n\ngo 1.24\n\nrequire example.com/private v1.0.0\n", "main.go": "package main\n\nimport _ \"example.com/private\"\n\nfunc main() {}\n",
			"vendor/modules.txt": "# example.com/private v1.0.0\n## explicit; go 1.24\nexample.com/private\n", "vendor/example.com/private/p.go": "package private\n",
			"vendor/example.com/private/Dockerfile": "FROM nowhere\n", "Dockerfile": "FROM BASE\nCOPY main.go /\n",
		}, []string{"vendored"}, true},
		"workspace": {map[string]string{
			"go.work": "go 1.24\n\nuse ./api\n", "api/go.mod": "module example.com/api\n\ngo 1.24\n", "api/main.go": "package main\n\nfunc main() {}\n",
			"api/Dockerfile": "FROM BASE\nCOPY main.go /\n",
		}, []string{"api"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			same := *w
			same.t = t
			a := same.adopt(library, name, test.files)
			a.initialise(cache)
			built := a.entry(cache, nil, "build")
			if built.code != 0 {
				t.Fatalf("build: %+v", built)
			}
			for _, component := range test.images {
				if !strings.Contains(built.stdout, "/acme/"+name+":"+component+"-stage-") {
					t.Errorf("no image of %s is built:\n%s", component, built.stdout)
				}
			}
			if got := same.pushed(name + "-cache"); got != (name == "frontend") {
				t.Errorf("what the build has run is kept: %v", got)
			}
			if test.goapp || name == "modules" { // each is linked once more, which takes its time
				a.plainMage(cache)
			}
			if test.goapp {
				a.goBuilds()
			}
		})
	}
}

// entry runs ./ci/scripts/mage in the repository.
func (a *adopter) entry(cache string, env []string, args ...string) result {
	a.t.Helper()
	return entry(a.t, a.dir, cache, "./ci/scripts/mage", append(a.runEnv(), env...), args...)
}

// runEnv is the world's, without the home and caches that Go would have to fill again.
func (a *adopter) runEnv() []string {
	return slices.DeleteFunc(slices.Clone(a.environ), func(pair string) bool {
		return strings.HasPrefix(pair, "HOME=") || strings.HasPrefix(pair, "XDG_CACHE_HOME=") || strings.HasPrefix(pair, "PATH=")
	})
}

// initialise runs init as a diff and for real: both give the same files, and the plan says what is left to fill in.
func (a *adopter) initialise(cache string) {
	a.t.Helper()
	dry := a.entry(cache, nil, "init", "-dryRun")
	if dry.code != 0 || !strings.Contains(dry.stderr, "nothing is written") {
		a.t.Fatalf("the dry run: %+v", dry)
	}
	clean := filepath.Join(a.t.TempDir(), "applied")
	git(a.t, a.dir, "worktree", "add", "-q", "--detach", clean)
	apply := exec.CommandContext(a.t.Context(), "git", "-C", clean, "apply", "-")
	apply.Stdin = strings.NewReader(dry.stdout)
	if out, err := apply.CombinedOutput(); err != nil {
		a.t.Fatalf("git apply: %v\n%s\n%s", err, out, dry.stdout)
	}
	written := a.entry(cache, nil, "init")
	if written.code != 0 || !strings.Contains(written.stdout, "astrago.yaml\n") {
		a.t.Fatalf("init: %+v", written)
	}
	for path := range strings.Lines(written.stdout) {
		path = strings.TrimSuffix(path, "\n")
		if want := readFile(a.t, filepath.Join(a.dir, path)); readFile(a.t, filepath.Join(clean, path)) != want {
			a.t.Errorf("%s is not what the diff said:\n%s", path, want)
		}
	}
	a.next = written.stderr
	a.commit("as init left it")
	if plan := a.entry(cache, []string{"GOFLAGS=-mod=vendor"}, "plan"); plan.code != 2 || plan.stdout != "" ||
		strings.Count(plan.stderr, "still to be filled in") != 2 || !strings.Contains(plan.stderr, "astrago.yaml:") {
		a.t.Errorf("the plan before anything is filled in: %+v", plan)
	}
	a.fill()
	before := readFile(a.t, filepath.Join(a.dir, "astrago.yaml"))
	again := a.entry(cache, nil, "init")
	if again.code != 0 || again.stdout != "" || !strings.Contains(again.stderr, "kept") || readFile(a.t, filepath.Join(a.dir, "astrago.yaml")) != before {
		a.t.Errorf("a second init: %+v", again)
	}
	if own := a.entry(cache, []string{"GOFLAGS=-mod=vendor"}, "-l"); !strings.Contains(own.stdout, "check") || !strings.Contains(own.stdout, "release") {
		a.t.Errorf("the targets with GOFLAGS=-mod=vendor: %+v", own)
	}
}

// front is what init says that mage needs in front of it.
var front = regexp.MustCompile(`with this in front[^\n]*: (GOFLAGS=.*)`)

// plainMage plans with mage itself, as init says how, where everything of the environment is in its way.
func (a *adopter) plainMage(cache string) {
	a.t.Helper()
	program := filepath.Join(cache, "bin", "mage")
	if _, err := os.Stat(program); err != nil {
		cmd := exec.CommandContext(a.t.Context(), "go", "build", "-o", program, "github.com/magefile/mage")
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false")
		if out, err := cmd.CombinedOutput(); err != nil {
			a.t.Fatalf("compiling mage: %v\n%s", err, out)
		}
	}
	match := front.FindStringSubmatch(a.next)
	if match == nil {
		a.t.Fatalf("init does not say how mage itself is called:\n%s", a.next)
	}
	env := append(a.runEnv(), "MAGEFILE_CACHE="+a.t.TempDir(), "CGO_ENABLED=0", "GOFLAGS=-mod=vendor", "GOWORK=", // the repository's own
		"PATH="+filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"))
	planned := entry(a.t, a.dir, cache, "sh", env, "-c", match[1]+" mage plan")
	if said := planned.stdout + planned.stderr; !strings.Contains(said, "-stage-") && !strings.Contains(said, "still to be filled in") {
		a.t.Errorf("%s mage plan: %+v", match[1], planned)
	}
}

// goBuilds compiles the application as before, with its own versions, vendor folder and workspace.
func (a *adopter) goBuilds() {
	a.t.Helper()
	dir := a.dir
	if _, err := os.Stat(filepath.Join(dir, "api")); err == nil {
		dir = filepath.Join(dir, "api")
	}
	cmd := exec.CommandContext(a.t.Context(), "go", "build", "-o", os.DevNull, "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=")
	if out, err := cmd.CombinedOutput(); err != nil {
		a.t.Errorf("the application no longer builds: %v\n%s", err, out)
	}
}

// TestInitInAWorktree runs in a second working tree, whose submodule is its own.
func TestInitInAWorktree(t *testing.T) {
	t.Parallel()
	library, cache := checkout(t), t.TempDir()
	a := newWorld(t).adopt(library, "root", map[string]string{"Dockerfile": "FROM BASE\nRUN true\n"})
	a.commit("add ci")
	tree := filepath.Join(t.TempDir(), "work tree")
	git(t, a.dir, "worktree", "add", "-q", "-b", "develop", tree)
	git(t, tree, "submodule", "--quiet", "update", "--init")
	main := a.dir
	a.dir = tree
	got := a.entry(cache, nil, "init")
	if a.next = got.stderr; got.code != 0 || !strings.Contains(got.stderr, "branch develop") {
		t.Errorf("in a worktree: %+v", got)
	}
	if _, err := os.Stat(filepath.Join(main, "astrago.yaml")); err == nil {
		t.Error("the first working tree was written to")
	}
	if got := a.entry(cache, nil, "plan", "-env=dev"); got.code != 2 || !strings.Contains(got.stderr, "work tree") {
		t.Errorf("the plan: %+v", got)
	}
	a.plainMage(cache)
}

// TestInitRefuses wants the submodule, a known kind, and a repository.
func TestInitRefuses(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.refuse(2, []string{"has no submodule ci", "git submodule add"}, "init")
	a.write("ci/magefiles/targets/targets.go", "package targets\n")
	a.refuse(2, []string{`unknown kind "desktop"`, "-kind=backend"}, "init", "-kind=desktop")
	before := []byte(readFile(t, filepath.Join(a.dir, "astrago.yaml")))
	a.succeed("init", "-force", "-kind=backend")
	if after := []byte(readFile(t, filepath.Join(a.dir, "astrago.yaml"))); bytes.Equal(before, after) || !bytes.Contains(after, []byte("$schema=ci/templates/astrago.schema.json")) {
		t.Errorf("-force left\n%s", after)
	}
}
