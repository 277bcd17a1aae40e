package targets_test

import (
	"crypto/rand"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// checkout copies this repository, as it is in the working tree, into a git repository of its own.
func checkout(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	listed, err := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "-co", "--exclude-standard").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "astrago-ci")
	for name := range strings.Lines(string(listed)) {
		name = strings.TrimSuffix(name, "\n")
		data, err := os.ReadFile(filepath.Join(root, name))
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted, not yet committed
		}
		info, statErr := os.Stat(filepath.Join(root, name))
		target := filepath.Join(dir, name)
		if err := errors.Join(err, statErr, os.MkdirAll(filepath.Dir(target), 0o755), os.WriteFile(target, data, info.Mode())); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "init", "-q")
	if err := example.Commit(t.Context(), dir, "a release of astrago-ci"); err != nil {
		t.Fatal(err)
	}
	return dir
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	if err := example.Git(t.Context(), dir, append([]string{"-c", "protocol.file.allow=always"}, args...)...); err != nil {
		t.Fatal(err)
	}
}

// entry runs a script with a cache of its own for the compiled targets; what Go compiles is shared with this test's.
func entry(t *testing.T, dir, cache, script string, env []string, args ...string) result {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), script, args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "XDG_CACHE_HOME="+cache, "GOCACHE="+goEnv(t, "GOCACHE"), "GOMODCACHE="+goEnv(t, "GOMODCACHE")), env...)
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return result{stdout: stdout.String(), stderr: stderr.String(), code: cmd.ProcessState.ExitCode()}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// TestEntryInASubmodule uses scripts/mage as an application repository does, whose path has a space.
func TestEntryInASubmodule(t *testing.T) {
	t.Parallel()
	library, cache := checkout(t), t.TempDir()
	app := filepath.Join(t.TempDir(), "my shop")
	server, err := registry.Start(registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	token := rand.Text()
	server.AddUser("dev", token, registry.Grant{Repository: example.Owner + "/*"})
	environ := []string{"GHCR_HOST=" + server.Addr(), "GHCR_USER=dev", "GHCR_TOKEN=" + token}
	if err := example.Create(t.Context(), app, "backend", example.Parameters{Registry: server.Addr(), Base: "scratch"}); err != nil {
		t.Fatal(err)
	}
	git(t, app, "submodule", "--quiet", "add", library, "ci")
	git(t, app, "commit", "-q", "-m", "add ci")
	script := filepath.Join(app, "ci", "scripts", "mage")

	first := entry(t, app, cache, script, environ, "plan")
	if first.code != 0 || !strings.Contains(first.stderr, "compiling the targets") || !strings.Contains(first.stdout, "images in "+server.Addr()+"/acme/backend\n") || !strings.Contains(first.stdout, "core-stage-") {
		t.Fatalf("the first run: %+v", first)
	}
	inside := entry(t, filepath.Join(app, "ci"), cache, "./scripts/mage", environ, "plan")
	if inside.stdout != first.stdout || inside.stderr != "" {
		t.Errorf("from inside ci/: %+v", inside)
	}
	if list := entry(t, app, cache, script, nil, "-l"); strings.Contains(list.stdout, "demo") || !strings.Contains(list.stdout, "release") {
		t.Errorf("the targets of an application are\n%s", list.stdout)
	}
	if help := entry(t, app, cache, script, nil, "-h", "release"); !strings.Contains(help.stdout, "\n\tmage release") {
		t.Errorf("the help of a target is\n%s", help.stdout)
	}
	for _, line := range []string{"nosuch", "plan -nosuch", "-vv plan -nosuch"} {
		if unknown := entry(t, app, cache, script, nil, strings.Fields(line)...); unknown.code != 2 || !strings.Contains(unknown.stderr, "nosuch") && !strings.Contains(unknown.stderr, "-vv") {
			t.Errorf("mage %s ends with %+v", line, unknown)
		}
	}
	if err := os.WriteFile(filepath.Join(app, "astrago.yaml"), []byte("version: 1\nservise: x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if wrong := entry(t, app, cache, script, nil, "plan"); wrong.code != 2 || wrong.stdout != "" || !strings.Contains(wrong.stderr, "servise") {
		t.Errorf("a wrong configuration ends with %+v", wrong)
	}
	ownTargets(t, app, cache, script)
}

// ownTargets adds a target of the application's own, by the templates; the content has changed, so it is compiled anew.
func ownTargets(t *testing.T, app, cache, script string) {
	t.Helper()
	for _, name := range []string{"go.work", "magefiles/magefile.go"} {
		data := readFile(t, filepath.Join(app, "ci", "templates", "generic", name))
		if name != "go.work" {
			data += "\n// Hello ends as a guard does.\nfunc Hello() error { return mg.Fatal(3, \"안녕\") }\n"
			data = strings.Replace(data, "import (", "import (\n\t\"github.com/magefile/mage/mg\"", 1)
		}
		path := filepath.Join(app, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(data), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	own := entry(t, app, cache, script, []string{"GOFLAGS=-mod=vendor"}, "hello")
	if own.code != 3 || !strings.Contains(own.stderr, "안녕") {
		t.Errorf("an own target ends with %+v", own)
	}
	if version := entry(t, app, cache, script, nil, "version"); version.code != 0 || strings.TrimSpace(version.stdout) == "" {
		t.Errorf("beside an own target: %+v", version)
	}
}

// programs is a PATH with what every machine has, and some more.
func programs(t *testing.T, more ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range append(more, "sh", "awk", "cat", "chmod", "dirname", "find", "git", "grep", "head", "mkdir", "printf", "readlink", "rm", "sed", "sleep", "sort", "tail", "touch", "uname") {
		path, err := exec.LookPath(name)
		if err == nil {
			err = os.Symlink(path, filepath.Join(dir, name))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// entryAlone is a repository with the script and no more than it looks for: what is not compiled need not be copied.
func entryAlone(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "astrago-ci")
	for _, name := range []string{"go.mod", "scripts/mage", "magefiles/targets/targets.go", "templates/generic/magefiles/magefile.go"} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(readFile(t, filepath.Join("..", "..", name))), 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "init", "-q")
	if err := example.Commit(t.Context(), dir, "the entry"); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestEntryRefusesFlagsThatNobodyKnows: mage's own main says so, and ends with 0.
func TestEntryRefusesFlagsThatNobodyKnows(t *testing.T) {
	t.Parallel()
	library := entryAlone(t)
	script := filepath.Join(library, "scripts", "mage")
	for line, want := range map[string]string{
		"-nope release":         "unknown flag -nope before the target",
		"-env=stage release":    "mage release -env=stage",
		"-v --dryRun release":   "unknown flag --dryRun",
		"-vvv release":          "unknown flag -vvv",
		"-t 1m -vv release":     "mage release -vv",
		"-t release":            "-t release is not a duration",
		"-t":                    "is not a duration",
		"-t=5 release":          "-t=5 is not a duration",
		"-t 1m -lift hold":      "unknown flag -lift",
		"-version":              "unknown flag -version",
		"-v -t 1h30m -x vesion": "unknown flag -x",
	} {
		got := entry(t, library, t.TempDir(), script, []string{"PATH=" + programs(t)}, strings.Fields(line)...)
		if got.code != 2 || got.stdout != "" || !strings.Contains(got.stderr, want) || !strings.Contains(got.stderr, "→ write") {
			t.Errorf("mage %s ends with %+v", line, got)
		}
	}
	for _, line := range []string{"-v version", "-vv version", "-t 1.5h version", "-h release", "-l", "--", "-t=90s version", "version -nope"} {
		got := entry(t, library, t.TempDir(), script, []string{"PATH=" + programs(t)}, strings.Fields(line)...)
		if got.code != 2 || !strings.Contains(got.stderr, "Go is missing") { // it has come to the compilation
			t.Errorf("mage %s ends with %+v", line, got)
		}
	}
}

// TestEntryKnowsWhatTheTargetsAreMadeOf holds the name of the compiled targets against what may be in them.
func TestEntryKnowsWhatTheTargetsAreMadeOf(t *testing.T) {
	t.Parallel()
	library, app := entryAlone(t), filepath.Join(t.TempDir(), "app")
	if err := os.MkdirAll(app, 0o755); err != nil {
		t.Fatal(err)
	}
	git(t, app, "init", "-q")
	git(t, app, "submodule", "--quiet", "add", library, "ci")
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(app, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	last := ""
	key := func(changes bool, why string) {
		t.Helper()
		got := entry(t, app, t.TempDir(), filepath.Join(app, "ci", "scripts", "mage"), nil, "-where")
		name := filepath.Base(strings.TrimSpace(got.stdout))
		if got.code != 0 || got.stderr != "" || len(name) != 40 {
			t.Fatalf("%s: %+v", why, got)
		}
		if last != "" && (name != last) != changes {
			t.Errorf("%s: the targets are made anew: %t", why, name != last)
		}
		last = name
	}
	key(true, "nothing yet")
	write("magefiles/magefile.go", "package main\n")
	write("magefiles/인사.txt", "hello")
	key(true, "own targets")
	write("magefiles/인사.txt", "hello again")
	key(true, "a file that they may embed")
	write(".gitignore", "*.log\n")
	write("magefiles/build.log", "x")
	key(true, "a file that they may embed, although git ignores it")
	git(t, app, "add", "--all")
	if err := os.Remove(filepath.Join(app, "magefiles", "인사.txt")); err != nil {
		t.Fatal(err)
	}
	key(true, "a file that is gone, and that git still knows")
	write("go.mod", "module example.com/app\n")
	write("web/page.html", "x")
	key(true, "a Go application")
	write("web/page.html", "y")
	key(false, "a file that no package embeds")
	write("web/other.go", "package web\n")
	key(false, "a package that they do not import")
	write("magefiles/own.go", "package main\n\nimport _ \"example.com/app/web\"\n")
	key(true, "they import it")
	write("web/web.go", "package web\n\n//go:embed page.html\nvar page string\n")
	key(true, "a package")
	write("web/page.html", "z")
	key(true, "a file that the package embeds")
	write("web/web_test.go", "package web\n")
	key(false, "a test")
	write("ci/scripts/tools/helm/go.mod", "module tools\n")
	key(true, "the versions of tools")
}

// TestEntrySaysWhatIsMissing runs the script on machines that lack something.
func TestEntrySaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	library := entryAlone(t)
	script := filepath.Join(library, "scripts", "mage")
	old := programs(t)
	fake := "#!/bin/sh\ncase $* in *GOVERSION*) echo go1.21.3 ;; *GOTOOLCHAIN*) echo local ;; *) exit 1 ;; esac\n"
	if err := os.WriteFile(filepath.Join(old, "go"), []byte(fake), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ path, want string }{
		"no go":  {programs(t), "Go is missing"},
		"old go": {old, "Go 1.21.3 is too old"},
	} {
		t.Run(name, func(t *testing.T) {
			got := entry(t, library, t.TempDir(), script, []string{"PATH=" + test.path}, "version")
			if got.code != 2 || !strings.Contains(got.stderr, test.want) || !strings.Contains(got.stderr, "go.dev/dl") {
				t.Errorf("%+v", got)
			}
		})
	}
	t.Run("not checked out", func(t *testing.T) {
		empty := filepath.Join(t.TempDir(), "scripts")
		if err := errors.Join(os.MkdirAll(empty, 0o755), os.WriteFile(filepath.Join(empty, "mage"), []byte(readFile(t, script)), 0o755)); err != nil {
			t.Fatal(err)
		}
		got := entry(t, empty, t.TempDir(), filepath.Join(empty, "mage"), nil, "version")
		if got.code != 2 || !strings.Contains(got.stderr, "git submodule update --init") {
			t.Errorf("%+v", got)
		}
	})
}

// TestEntryIsReplacedByTheTargets sends a signal to the process that the shell has started: the targets themselves get it.
func TestEntryIsReplacedByTheTargets(t *testing.T) {
	t.Parallel()
	library, cache := checkout(t), t.TempDir()
	script := filepath.Join(library, "scripts", "mage")
	entry(t, library, cache, script, nil, "version")
	a := newWorld(t).application("backend")
	a.replace("astrago.yaml", "prepare: ", "prepare:\n  - echo prepared && sleep 60\n#")
	git(t, a.dir, "submodule", "--quiet", "add", library, "ci")
	a.commit("wait in prepare")

	var stderr safeBuffer
	cmd := exec.CommandContext(t.Context(), filepath.Join(a.dir, "ci", "scripts", "mage"), "release")
	cmd.Dir, cmd.Stderr = a.dir, &stderr
	cmd.Env = append(os.Environ(), a.environ[4:]...)
	cmd.Env = append(cmd.Env, "XDG_CACHE_HOME="+cache, "GOCACHE="+goEnv(t, "GOCACHE"), "GOMODCACHE="+goEnv(t, "GOMODCACHE"))
	a.must(cmd.Start())
	stderr.until(t, "prepared")
	a.must(cmd.Process.Signal(syscall.SIGTERM))
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 143 || !strings.Contains(stderr.String(), "cancelled by SIGTERM") {
		t.Errorf("exit code %d\n%s", code, stderr.String())
	}
}
