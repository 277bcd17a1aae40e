package targets_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/baseimage"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/docker"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/script"
	daemons "github.com/xiilab/astrago-ci/magefiles/internal/testkit/shared"
)

var (
	sharedDaemon buildkitd.Daemon
	engine       = daemons.New(docker.Start)
	unpacked     sync.Once // the base image, by the daemon
	mage         string    // the targets, compiled as application repositories compile them
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "targets")
	if err == nil {
		err = os.Setenv("ASTRAGO_CI_DIR", sources()) // as scripts/mage does: the binary does not know where it was compiled
	}
	if err == nil {
		mage = filepath.Join(dir, "mage")
		err = compile(mage)
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = engine.Run(func() int { return sharedDaemon.Run(m) })
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// sources is the root of this repository.
func sources() string {
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return ""
	}
	return dir
}

// compile makes the binary that people run, with mage's own main around the targets: flags, signals and exit codes are
// tested as they are.
func compile(path string) error {
	flags, err := script.Flags(filepath.Join("..", ".."))
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "tool", "mage", "-d", filepath.Join("templates", "generic", "magefiles"), "-w", ".", "-compile", path)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS="+flags, "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compiling the targets: %w\n%s", err, out)
	}
	return nil
}

// world is everything outside of an application repository: a registry that asks for tokens, GitHub, BuildKit.
type world struct {
	t             *testing.T
	registry      *registry.Server
	github        *github.Server
	registryToken string
	deployToken   string
	bare          string // directory of the deployment repository
	environ       []string
	skew          *atomic.Int64 // of GitHub's clock, in nanoseconds
}

// now is the time at GitHub.
func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.skew.Load())) }

// newWorld returns a world of its own, so that tests run beside each other. All of them share the daemon, which joins builds of
// the same base layer: it is unpacked once before, else a build waits for the registry of another world, with no account there.
func newWorld(t *testing.T) *world {
	t.Helper()
	unpacked.Do(func() { startWorld(t).application("backend").succeed("build") })
	return startWorld(t)
}

func startWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, registryToken: "registry-" + rand.Text(), deployToken: "deploy-" + rand.Text(), skew: new(atomic.Int64)}
	connection := sharedDaemon.Connection(t)
	server, err := registry.Start(registry.Options{})
	w.must(err)
	t.Cleanup(func() { w.must(server.Close()) })
	w.registry = server
	server.AddUser("dev", w.registryToken, registry.Grant{Repository: example.Owner + "/*", Push: true})

	w.github = githubtest.Serve(t, github.Options{Now: w.now})
	values, err := example.Values()
	w.must(err)
	w.bare, err = w.github.CreateRepository(t.Context(), example.Deployment, example.Branch, map[string][]byte{example.ValuesPath: values})
	w.must(err)
	w.github.Grant(w.deployToken, example.Deployment, github.Permissions{Contents: github.Write})
	w.pushBase()
	w.environ = append(plainEnviron(t), "BUILDKIT_HOST="+connection.Address, "GITHUB_API_URL="+w.github.URL(),
		"GHCR_HOST="+w.registry.Addr(), "GHCR_USER=dev", "GHCR_TOKEN="+w.registryToken, "DEPLOY_TOKEN="+w.deployToken)
	return w
}

// plainEnviron is that of a machine without tokens, workflow or docker login.
func plainEnviron(t *testing.T) []string {
	t.Helper()
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "XDG_CACHE_HOME=" + t.TempDir(), "GIT_CONFIG_GLOBAL=" + os.DevNull, "ASTRAGO_CI_DIR=" + sources()}
}

func (w *world) pushBase() {
	w.t.Helper()
	cache, err := os.UserCacheDir()
	w.must(err)
	binary, err := baseimage.Binary(w.t.Context(), filepath.Join(cache, "astrago-ci", "bin"))
	w.must(err)
	image, err := baseimage.Image(binary)
	w.must(err)
	_, err = registry.Push(w.t.Context(), w.base(), image, "dev", w.registryToken)
	w.must(err)
}

func (w *world) base() string { return w.registry.Addr() + "/" + example.Owner + "/base:1" }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// values is the deployment repository's file as git has it now.
func (w *world) values() string {
	w.t.Helper()
	data, err := w.github.File(example.Deployment, "refs/heads/"+example.Branch, example.ValuesPath)
	w.must(err)
	return string(data)
}

// log returns the subjects of the deployment repository's commits, newest first, and checks the repository with git fsck.
func (w *world) log() []string {
	w.t.Helper()
	if out, err := exec.CommandContext(w.t.Context(), "git", "-C", w.bare, "fsck", "--strict").CombinedOutput(); err != nil {
		w.t.Errorf("git fsck: %v\n%s", err, out)
	}
	out, err := exec.CommandContext(w.t.Context(), "git", "-C", w.bare, "log", "--format=%s", example.Branch).Output()
	w.must(err)
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// pushed reports whether the registry took any manifest of the application.
func (w *world) pushed(application string) bool {
	return slices.ContainsFunc(w.registry.Requests(), func(r registry.Request) bool { return puts(r, application) })
}

// anyTag reports whether the registry took any tag of the application; a daemon pushes each image by its digest as soon as that is
// built, before it is known whether the others build.
func (w *world) anyTag(application string) bool {
	return slices.ContainsFunc(w.registry.Requests(), func(r registry.Request) bool {
		return puts(r, application) && !strings.HasPrefix(r.Target, "sha256:")
	})
}

func puts(r registry.Request, application string) bool {
	return r.Method == http.MethodPut && r.Kind == registry.Manifest && r.Repository == example.Owner+"/"+application && r.Status < 300
}

// application is a checked-out application repository.
type application struct {
	*world
	name string
	dir  string
	env  []string // beside the world's; later ones win
}

func (w *world) application(name string) *application {
	w.t.Helper()
	a := &application{world: w, name: name, dir: filepath.Join(w.t.TempDir(), name)}
	w.must(example.Create(w.t.Context(), a.dir, name, example.Parameters{Registry: w.registry.Addr(), Base: w.base()}))
	return a
}

func (a *application) write(name, content string) {
	a.t.Helper()
	a.must(os.MkdirAll(filepath.Dir(filepath.Join(a.dir, name)), 0o755))
	a.must(os.WriteFile(filepath.Join(a.dir, name), []byte(content), 0o644))
}

func (a *application) replace(name, from, to string) {
	a.t.Helper()
	data, err := os.ReadFile(filepath.Join(a.dir, name))
	a.must(err)
	if !bytes.Contains(data, []byte(from)) {
		a.t.Fatalf("%s does not contain %q", name, from)
	}
	a.write(name, strings.ReplaceAll(string(data), from, to))
}

func (a *application) commit(message string) {
	a.t.Helper()
	a.must(example.Commit(a.t.Context(), a.dir, message))
}

// shortSHA is the part of the head's id that tags hold.
func (a *application) shortSHA() string {
	a.t.Helper()
	out, err := exec.CommandContext(a.t.Context(), "git", "-C", a.dir, "rev-parse", "HEAD").Output()
	a.must(err)
	return string(out[:8])
}

// result is what a run of the targets left.
type result struct {
	stdout, stderr string
	code           int
}

// start begins a run; wait ends it.
func (a *application) start(args ...string) *running {
	a.t.Helper()
	r := &running{application: a}
	r.cmd = exec.CommandContext(context.WithoutCancel(a.t.Context()), mage, args...)
	r.cmd.Dir, r.cmd.Env = a.dir, append(slices.Clone(a.environ), a.env...)
	r.cmd.Stdout, r.cmd.Stderr = &r.stdout, &r.stderr
	a.must(r.cmd.Start())
	a.t.Cleanup(func() { _ = r.cmd.Process.Kill() })
	return r
}

func (a *application) run(args ...string) result {
	a.t.Helper()
	return a.start(args...).wait()
}

// succeed runs the targets and fails the test when they do.
func (a *application) succeed(args ...string) result {
	a.t.Helper()
	r := a.run(args...)
	if r.code != 0 {
		a.t.Fatalf("mage %s ended with %d\n%s", strings.Join(args, " "), r.code, r.stderr)
	}
	return r
}

// refuse runs the targets and wants an exit code and words on standard error.
func (a *application) refuse(code int, words []string, args ...string) result {
	a.t.Helper()
	r := a.run(args...)
	if r.code != code {
		a.t.Errorf("mage %s ended with %d, want %d", strings.Join(args, " "), r.code, code)
	}
	if r.stdout != "" {
		a.t.Errorf("a failed run has a result: %q", r.stdout)
	}
	for _, word := range words {
		if !strings.Contains(r.stderr, word) {
			a.t.Errorf("mage %s does not say %q:\n%s", strings.Join(args, " "), word, r.stderr)
		}
	}
	return r
}

type running struct {
	*application
	cmd            *exec.Cmd
	stdout, stderr safeBuffer
}

func (r *running) signal(s os.Signal) {
	r.t.Helper()
	r.must(r.cmd.Process.Signal(s))
}

func (r *running) wait() result {
	r.t.Helper()
	err := r.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		r.t.Fatal(err)
	}
	return result{stdout: r.stdout.String(), stderr: r.stderr.String(), code: r.cmd.ProcessState.ExitCode()}
}

// messages are those of all commits on the deployment branch.
func (w *world) messages() string {
	w.t.Helper()
	out, err := exec.CommandContext(w.t.Context(), "git", "-C", w.bare, "log", "--format=%B", example.Branch).Output()
	w.must(err)
	return string(out)
}
