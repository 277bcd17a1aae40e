package gitops_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	githubapi "github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/fakeclock"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

const (
	repository = "acme/deployment"
	branch     = "stabilize/1.0"
	token      = "github_pat_11ABCDEFG0secret"
	shopFile   = "environments/stage/values.yaml"
	oldSHA     = "9f8e7d6c5b4a39281706f5e4d3c2b1a098765432"
	newSHA     = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"

	readOperation   = "query repository"
	commitOperation = "mutation createCommitOnBranch"
)

const shopValues = `# stage
shop:
  core:
    imageTag: "core-stage-9f8e7d6c"   # 백엔드
  batch:
    imageTag: batch-stage-9f8e7d6c

  frontend:
    imageTag: 'frontend-stage-00000000'
`

// world is a GitHub with one deployment repository, and a client whose waits are recorded instead of waited.
type world struct {
	testing.TB
	*github.Server
	client  *gitops.Client
	clock   *fakeclock.Clock
	dir     string     // of the bare repository
	backend config.API // of every client
}

func newWorld(t testing.TB, files map[string][]byte, options ...func(*gitops.Options)) *world {
	t.Helper()
	server := githubtest.Serve(t, github.Options{})
	if files == nil {
		files = map[string][]byte{shopFile: []byte(shopValues), "README.md": []byte("values of every environment\n")}
	}
	dir, err := server.CreateRepository(t.Context(), repository, branch, files)
	if err != nil {
		t.Fatal(err)
	}
	server.Grant(token, repository, github.Permissions{Contents: github.Write})
	w := &world{TB: t, Server: server, clock: fakeclock.New(time.Now()), dir: dir, backend: apiOf(options)}
	w.client = w.newClient(options...)
	return w
}

func (w *world) newClient(options ...func(*gitops.Options)) *gitops.Client {
	w.Helper()
	o := gitops.Options{Options: githubapi.Options{APIURL: w.URL(), Token: token, Clock: w.clock}, API: w.backend}
	for _, option := range options {
		option(&o)
	}
	client, err := gitops.New(o)
	if err != nil {
		w.Fatal(err)
	}
	return client
}

// bump must succeed.
func (w *world) bump(b bump.Bump) *bump.Result {
	w.Helper()
	result, err := w.client.Bump(w.Context(), b)
	if err != nil {
		w.Fatalf("Bump: %v", err)
	}
	return result
}

// read must succeed.
func (w *world) read(d plan.Deployment) *repo.Snapshot {
	w.Helper()
	s, err := w.client.Repo.Read(w.Context(), d)
	if err != nil {
		w.Fatalf("Read: %v", err)
	}
	return s
}

// push commits one file as somebody else.
func (w *world) push(path, content string) string {
	w.Helper()
	return w.pushAll(map[string]string{path: content})
}

// pushAll commits files as somebody else; an empty content deletes.
func (w *world) pushAll(files map[string]string) string {
	w.Helper()
	contents := bytesOf(files)
	for path, content := range contents {
		if len(content) == 0 {
			contents[path] = nil
		}
	}
	sha, err := w.Commit(context.WithoutCancel(w.Context()), repository, branch, "chore: render", contents)
	if err != nil {
		w.Fatal(err)
	}
	return sha
}

// git runs git in the bare repository and gives its output byte for byte.
func (w *world) git(args ...string) string {
	w.Helper()
	cmd := exec.CommandContext(w.Context(), "git", args...)
	cmd.Dir = w.dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		w.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return string(out)
}

func (w *world) head() commitid.ID {
	w.Helper()
	return commitid.ID(strings.TrimSpace(w.git("rev-parse", branch)))
}

// commits is the number of commits on the branch.
func (w *world) commits() int {
	w.Helper()
	return strings.Count(w.git("rev-list", branch), "\n")
}

func (w *world) content(path string) string {
	w.Helper()
	return w.git("show", branch+":"+path)
}

// operations returns the requested operations, in the order of arrival.
func (w *world) operations() []string {
	requests := w.Requests()
	slices.SortFunc(requests, func(a, b github.Request) int { return cmp.Compare(a.Number, b.Number) })
	var names []string
	for _, r := range requests {
		names = append(names, r.Operation)
	}
	return names
}

func (w *world) wantOperations(want ...string) {
	w.Helper()
	if got := w.operations(); !slices.Equal(got, want) {
		w.Errorf("requests:\n got %q\nwant %q", got, want)
	}
}

// release is a bump of components in one file, to the tags of a commit.
func release(sha string, components ...string) bump.Bump {
	b := bump.Bump{
		Service:     "backend",
		Environment: "stage",
		Source:      git.Commit{SHA: commitid.ID(sha), Repository: "acme/backend"},
		Deployment:  plan.Deployment{Repository: repository, Branch: branch, Files: []plan.File{{Path: shopFile}}},
	}
	for _, name := range components {
		ref := fmt.Sprintf("ghcr.io/acme/backend:%s-stage-%.8s", name, sha)
		set(&b, 0, name, ref, fmt.Sprintf(`.shop.%s.imageTag = "%s-stage-%.8s"`, name, name, sha))
		b.Images = append(b.Images, bump.Image{Component: component.Name(name), Ref: refs.Image(ref), Digest: refs.Digest("ab")})
	}
	return b
}

func set(b *bump.Bump, file int, name, ref string, expressions ...string) {
	f := &b.Deployment.Files[file]
	f.Edits = append(f.Edits, plan.Edit{Component: component.Name(name), Image: refs.Image(ref), Expressions: expressions})
}
