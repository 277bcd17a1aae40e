package targets_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// source is an application repository with everything that was ever committed to it.
type source struct {
	*application

	service string

	mu       sync.Mutex
	shas     []string            // by revision; the one before the first is none
	parents  []revision          // by revision
	changes  []string            // by revision: a component, words or amended
	programs []map[string]string // by revision: what the image of each component holds
}

// What a commit changes where it changes no component.
const (
	words   = "words"   // that are in no image
	amended = "amended" // the commit before it, of which it takes the place
)

// files are what makes a component's image: the file of the source, and its name in the image.
var files = map[string][2]string{
	"core": {"src/core.txt", "core.jar"}, "batch": {"src/batch.txt", "batch.jar"}, "monitor": {"src/monitor.txt", "monitor.jar"},
	"frontend": {"src/style.css", "style.css"}, "api": {"src/api.txt", "api.txt"}, "jobs": {"src/jobs.txt", "jobs.txt"},
}

// newSource makes the repository: the example's, with all environments and images that nothing runs in.
func (s *stream) newSource(service string) *source {
	from := service
	if shared(service) {
		from = "frontend"
	}
	a := &source{
		application: s.application(from), service: service, shas: []string{strings.Repeat("0", 40)},
		parents: []revision{0}, changes: []string{""}, programs: []map[string]string{{}},
	}
	git(s.t, a.dir, "remote", "set-url", "origin", "https://github.com/"+example.Owner+"/"+service+".git")
	config, _, _ := strings.Cut(readFile(s.t, path.Join(a.dir, "astrago.yaml")), "environments:\n")
	if shared(service) {
		config = strings.ReplaceAll(workerConfig, "REGISTRY", s.registry.Addr()+"/"+example.Owner+"/"+service)
	}
	a.write("astrago.yaml", config+s.environmentsOf(service))
	a.write(".dockerignore", "*.md\n")
	for _, c := range components[service] {
		switch service {
		case "backend":
			a.write("docker/"+c+"/Dockerfile", "FROM scratch\nCOPY build/libs/"+c+".jar /\n")
		case "worker":
			a.write("docker/"+c+"/Dockerfile", "FROM scratch\nCOPY src/"+c+".txt /\n")
		default:
			a.write("Dockerfile", "FROM scratch\nCOPY src/ /\n")
		}
		a.write(files[c][0], c+" of commit 1")
	}
	a.application.commit("commit 1: words")
	a.record(0, words)
	return a
}

// commit changes a component, or words that are in no image, or the commit before it.
func (a *source) commit(changed string) {
	n, parent := len(a.shas), revision(len(a.shas)-1)
	message := fmt.Sprintf("commit %d: %s", n, changed)
	if changed == amended {
		git(a.t, a.dir, "branch", fmt.Sprintf("before-%d", n)) // others may still have it
		a.must(example.Git(a.t.Context(), a.dir, "commit", "-q", "--amend", "-m", message))
		a.record(a.parents[parent], changed)
		return
	}
	if file, ok := files[changed]; ok {
		a.write(file[0], fmt.Sprintf("%s of commit %d", changed, n))
	}
	a.write("README.md", fmt.Sprintf("commit %d", n))
	a.application.commit(message)
	a.record(parent, changed)
}

func (a *source) record(parent revision, changed string) {
	out, err := exec.CommandContext(a.t.Context(), "git", "-C", a.dir, "rev-parse", "HEAD").Output() //nolint:gosec // of this test
	a.must(err)
	programs := map[string]string{}
	for _, c := range components[a.service] {
		programs[c] = readFile(a.t, path.Join(a.dir, files[c][0]))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.shas, a.parents = append(a.shas, strings.TrimSpace(string(out))), append(a.parents, parent)
	a.changes, a.programs = append(a.changes, changed), append(a.programs, programs)
}

func (a *source) sha(r revision) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.shas[r]
}

// clone makes a checkout that shares the objects, as a machine that has fetched everything.
func (a *source) clone(dir string) string {
	git(a.t, a.dir, "clone", "-q", "--shared", a.dir, dir)
	return dir
}

// checkOut is for releases; other commands do not care.
func (a *source) checkOut(ctx context.Context, dir string, r revision) error {
	if r == 0 {
		return nil
	}
	return example.Git(ctx, dir, "checkout", "-q", "--detach", a.sha(r))
}

// cloneOf makes a checkout of one commit and what it descends from.
func (a *source) cloneOf(ctx context.Context, dir, kind string, r revision) error {
	origin := a.dir
	if kind == cutOff {
		origin = filepath.Join(dir, "nowhere")
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for _, command := range []struct {
		in   string
		args []string
	}{
		{dir, []string{"init", "-q", "-b", "unused"}},
		{a.dir, []string{"push", "-q", dir, a.sha(r) + ":refs/heads/known"}},
		{dir, []string{"remote", "add", "origin", origin}},
		{dir, []string{"checkout", "-q", "--detach", a.sha(r)}},
	} {
		if err := example.Git(ctx, command.in, command.args...); err != nil {
			return err
		}
	}
	return nil
}

// tag names a build's image.
func (s *stream) tag(component, environment string, r revision) string {
	service := serviceOf(component)
	if shared(service) {
		component = service
	}
	return fmt.Sprintf("%s-%s-%.8s", component, environment, s.sources[service].sha(r))
}

// repository is where a component's images are.
func repository(component string) string {
	service := serviceOf(component)
	if shared(service) {
		return example.Owner + "/" + service + "-" + component
	}
	return example.Owner + "/" + service
}

func serviceOf(component string) string {
	for service, names := range components {
		if slices.Contains(names, component) {
			return service
		}
	}
	return ""
}
