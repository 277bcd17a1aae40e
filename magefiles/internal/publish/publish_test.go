package publish_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	githubapi "github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/publish"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

const (
	own      = "xiilab/astrago-ci"
	ownToken = "github_pat_own"
	token    = "github_pat_publish"
	workflow = ".github/workflows/release.yml"
	caller   = "jobs:\n  release:\n    uses: xiilab/astrago-ci/.github/workflows/release.yml@%s\n"
)

// world is this repository, with a clone that a version is published from, and the GitHub of everybody.
type world struct {
	testing.TB
	*github.Server
	clone string
	bare  map[string]string // directories by repository
	said  []string

	targets *publish.Targets // nil where a release has notes alone
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		TB: t, Server: githubtest.Serve(t, github.Options{}), clone: filepath.Join(t.TempDir(), "clone"), bare: map[string]string{},
	}
	var err error
	w.bare[own], err = w.CreateRepository(t.Context(), own, "main", map[string][]byte{"VERSION": []byte("0.1.0\n")})
	w.must(err)
	w.Grant(ownToken, own, github.Permissions{Contents: github.Write})
	w.git(filepath.Dir(w.clone), "clone", "-q", w.bare[own], w.clone)
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) git(dir string, args ...string) string {
	w.Helper()
	cmd := exec.CommandContext(w.Context(), "git", append([]string{"-C", dir}, args...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// raise commits a version to main, as a merge does, and gives the commit.
func (w *world) raise(version, subject string) string {
	w.Helper()
	w.must(os.WriteFile(filepath.Join(w.clone, "VERSION"), []byte(version+"\n"), 0o644))
	w.must(os.WriteFile(filepath.Join(w.clone, "change.txt"), []byte(subject+"\n"), 0o644))
	w.must(example.Commit(w.Context(), w.clone, subject))
	w.git(w.clone, "push", "-q", "origin", "HEAD:main")
	w.git(w.clone, "fetch", "-q", "--tags", "origin")
	return w.git(w.clone, "rev-parse", "HEAD")
}

// consumer makes an application whose submodule is at a commit.
func (w *world) consumer(name, commit, version string) publish.Consumer {
	w.Helper()
	bare, err := w.CreateRepository(w.Context(), name, "main", map[string][]byte{workflow: fmt.Appendf(nil, caller, version), "README.md": []byte("shop\n")})
	w.must(err)
	w.bare[name] = bare
	dir := filepath.Join(w.TempDir(), "app")
	w.git(filepath.Dir(dir), "clone", "-q", bare, dir)
	w.must(os.WriteFile(filepath.Join(dir, ".gitmodules"), []byte("[submodule \"ci\"]\n\tpath = ci\n\turl = https://github.com/xiilab/astrago-ci.git\n"), 0o644))
	w.must(example.Git(w.Context(), dir, "update-index", "--add", "--cacheinfo", "160000,"+commit+",ci"))
	w.must(example.Git(w.Context(), dir, "add", ".gitmodules"))
	w.must(example.Git(w.Context(), dir, "commit", "-q", "-m", "use astrago-ci"))
	w.git(dir, "push", "-q", "origin", "HEAD:main")
	w.Grant(token, name, github.Permissions{Contents: github.Write, PullRequests: github.Write, Issues: github.Write})
	return publish.Consumer{Repository: name, Branch: "main", Path: "ci", Labels: []string{"dependencies"}, Reviewers: []string{"kim"}}
}

func (w *world) client(token string) *gogithub.Client {
	w.Helper()
	c, err := githubapi.New(githubapi.Options{APIURL: w.URL(), Token: token})
	w.must(err)
	return c.REST()
}

func (w *world) publish(version string, consumers ...publish.Consumer) error {
	w.said = nil
	uploads, err := githubapi.New(githubapi.Options{APIURL: w.URL() + "/uploads", Token: ownToken})
	w.must(err)
	rest := uploads.REST()
	rest.UploadURL = rest.BaseURL
	return publish.Run(w.Context(), publish.Options{
		Dir: w.clone, Repository: own, Version: version, Commit: commitid.ID(w.git(w.clone, "rev-parse", "HEAD")), Branch: "main", Consumers: consumers,
		Own: w.client(ownToken), Others: w.client(token), Uploads: rest, Targets: w.targets, Now: func() time.Time { return time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC) },
		Say: func(format string, args ...any) { w.said = append(w.said, fmt.Sprintf(format, args...)) },
	})
}

// pulls are the open pull requests of a repository.
func (w *world) pulls(repository string) []*gogithub.PullRequest {
	w.Helper()
	owner, name, _ := strings.Cut(repository, "/")
	found, _, err := w.client(token).PullRequests.List(w.Context(), owner, name, nil)
	w.must(err)
	return found
}

func TestEveryConsumerGetsOnePullRequest(t *testing.T) {
	w := newWorld(t)
	first := w.git(w.clone, "rev-parse", "HEAD")
	backend, frontend := w.consumer("xiilab/backend", first, "v0.1.0"), w.consumer("xiilab/frontend", first, "v0.1.0")
	w.must(w.publish("0.1.0", backend, frontend))
	if !slices.Contains(w.said, "xiilab/backend@main has v0.1.0 already") || len(w.pulls("xiilab/backend")) != 0 {
		t.Errorf("a consumer that is up to date: %q", w.said)
	}

	second := w.raise("0.2.0", "Build: faster, thanks to @kim")
	w.must(w.publish("0.2.0", backend, frontend))
	if got := w.git(w.bare[own], "rev-parse", "v0.2.0"); got != second {
		t.Errorf("v0.2.0 is %s", got)
	}
	notes, _, err := w.client(ownToken).Repositories.GetReleaseByTag(t.Context(), "xiilab", "astrago-ci", "v0.2.0")
	w.must(err)
	if notes.GetBody() != "Changes since v0.1.0:\n\n- Build: faster, thanks to @\u200bkim\n" {
		t.Errorf("notes %q", notes.GetBody())
	}
	for _, repository := range []string{"xiilab/backend", "xiilab/frontend"} {
		w.proposes(repository, first, second, "v0.2.0")
	}

	tip, requests := w.tip("xiilab/backend"), len(w.Requests())
	w.must(w.publish("0.2.0", backend, frontend))
	if w.tip("xiilab/backend") != tip || len(w.pulls("xiilab/backend")) != 1 {
		t.Error("the repetition changed something")
	}
	for _, r := range w.Requests()[requests:] {
		if r.Method != http.MethodGet && !strings.HasSuffix(r.Path, "/git/trees") { // the id of a tree is only known by making it
			t.Errorf("the repetition wrote: %s %s", r.Method, r.Path)
		}
	}
}

// proposes holds the one pull request of a consumer against what it is to be.
func (w *world) proposes(repository, from, to, version string) {
	w.Helper()
	pulls := w.pulls(repository)
	if len(pulls) != 1 {
		w.Fatalf("%s has %d pull requests", repository, len(pulls))
	}
	p := pulls[0]
	if p.GetTitle() != "ci: astrago-ci "+version || !strings.Contains(p.GetBody(), "compare/"+from+"..."+version) || !strings.Contains(p.GetBody(), "- Build: faster, thanks to @\u200bkim\n") {
		w.Errorf("pull request %q:\n%s", p.GetTitle(), p.GetBody())
	}
	if len(p.Labels) != 1 || len(p.RequestedReviewers) != 1 {
		w.Errorf("labels %v, reviewers %v", p.Labels, p.RequestedReviewers)
	}
	bare := w.bare[repository]
	if got := w.git(bare, "ls-tree", w.tip(repository), "ci"); got != "160000 commit "+to+"\tci" {
		w.Errorf("the submodule is %q", got)
	}
	if got := w.git(bare, "show", w.tip(repository)+":"+workflow); got != strings.TrimSpace(fmt.Sprintf(caller, to+" # "+version)) {
		w.Errorf("the workflow is\n%s", got)
	}
	if got := w.git(bare, "diff", "--name-only", "main", w.tip(repository)); got != workflow+"\nci" {
		w.Errorf("changed are %q", got)
	}
	if got := w.git(bare, "rev-list", "--count", "main.."+w.tip(repository)); got != "1" {
		w.Errorf("%s commits", got)
	}
}

func (w *world) tip(repository string) string {
	w.Helper()
	return w.git(w.bare[repository], "rev-parse", "refs/heads/astrago/ci-update")
}

// TestALaterVersionReplacesTheEarlier also where the consumer's branch has moved meanwhile.
func TestALaterVersionReplacesTheEarlier(t *testing.T) {
	w := newWorld(t)
	first := w.git(w.clone, "rev-parse", "HEAD")
	backend := w.consumer("xiilab/backend", first, "v0.1.0")
	w.must(w.publish("0.1.0"))
	w.raise("0.2.0", "Build: faster, thanks to @kim")
	w.must(w.publish("0.2.0", backend))
	number := w.pulls("xiilab/backend")[0].GetNumber()
	_, err := w.Commit(t.Context(), "xiilab/backend", "main", "work goes on", map[string][]byte{"src/main.txt": []byte("more\n")})
	w.must(err)
	third := w.raise("0.3.0", "Bump: safer")
	w.must(w.publish("0.3.0", backend))
	w.proposes("xiilab/backend", first, third, "v0.3.0")
	if got := w.pulls("xiilab/backend")[0]; got.GetNumber() != number || !strings.Contains(got.GetBody(), "- Bump: safer\n") {
		t.Errorf("pull request %d:\n%s", got.GetNumber(), got.GetBody())
	}
}

// TestNobodysWorkIsReplaced leaves alone a branch that somebody has added to, a consumer that is further, and one that cannot
// be reached, and serves the others.
func TestNobodysWorkIsReplaced(t *testing.T) {
	w := newWorld(t)
	first := w.git(w.clone, "rev-parse", "HEAD")
	touched, fine := w.consumer("xiilab/backend", first, "v0.1.0"), w.consumer("xiilab/frontend", first, "v0.1.0")
	w.raise("0.2.0", "Build: faster, thanks to @kim")
	w.must(w.publish("0.2.0", touched))
	_, err := w.Commit(t.Context(), "xiilab/backend", "astrago/ci-update", "and adapt to it", map[string][]byte{"astrago.yaml": []byte("version: 1\n")})
	w.must(err)
	tip := w.tip("xiilab/backend")
	w.raise("0.3.0", "Bump: safer")
	unknown := publish.Consumer{Repository: "xiilab/nosuch", Branch: "main", Path: "ci"}
	noModule := w.consumer("xiilab/other", first, "v0.1.0")
	noModule.Path = "README.md"
	err = w.publish("0.3.0", touched, unknown, noModule, fine)
	for _, want := range []string{"xiilab/backend@main: branch astrago/ci-update has commits of others", "xiilab/nosuch@main", "contents=", `"README.md" is not a submodule`} {
		if err == nil || !strings.Contains(fmt.Sprint(err, remedies(err)), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	if w.tip("xiilab/backend") != tip || len(w.pulls("xiilab/frontend")) != 1 {
		t.Error("a branch was replaced, or a consumer left out")
	}

	ahead := w.raise("0.3.0", "Plan: after the version")
	further := w.consumer("xiilab/further", ahead, "v0.3.0")
	w.must(w.publish("0.3.0", further))
	if len(w.pulls("xiilab/further")) != 0 || !slices.ContainsFunc(w.said, func(s string) bool { return strings.Contains(s, "which v0.3.0 does not contain") }) {
		t.Errorf("a consumer that is further: %q", w.said)
	}
}

// TestAnAnnotatedTagIsItsCommit: a person has tagged the version with a message.
func TestAnAnnotatedTagIsItsCommit(t *testing.T) {
	w := newWorld(t)
	backend := w.consumer("xiilab/backend", w.git(w.clone, "rev-parse", "HEAD"), "v0.1.0")
	w.must(w.publish("0.1.0"))
	second := w.raise("0.2.0", "Build: faster, thanks to @kim")
	w.must(example.Git(t.Context(), w.clone, "tag", "-a", "-m", "by hand", "v0.2.0"))
	w.git(w.clone, "push", "-q", "origin", "v0.2.0")
	w.must(w.publish("0.2.0", backend))
	if got := w.git(w.bare["xiilab/backend"], "ls-tree", w.tip("xiilab/backend"), "ci"); got != "160000 commit "+second+"\tci" {
		t.Errorf("the submodule is %q, want %s", got, second)
	}
}

// TestALargeConsumer has more files than GitHub lists of a whole tree, before both the submodule and the workflows.
func TestALargeConsumer(t *testing.T) {
	w := newWorld(t)
	first := w.git(w.clone, "rev-parse", "HEAD")
	backend := w.consumer("xiilab/backend", first, "v0.1.0")
	blob := w.git(w.bare["xiilab/backend"], "rev-parse", "main:README.md")
	dir := filepath.Join(t.TempDir(), "app")
	w.git(filepath.Dir(dir), "clone", "-q", w.bare["xiilab/backend"], dir)
	index := exec.CommandContext(t.Context(), "git", "-C", dir, "update-index", "--index-info")
	var lines strings.Builder
	for i := range 100_001 {
		fmt.Fprintf(&lines, "100644 %s\t.files/%d\n", blob, i)
	}
	index.Stdin = strings.NewReader(lines.String())
	w.must(index.Run())
	w.must(example.Git(t.Context(), dir, "commit", "-q", "-m", "many files"))
	w.git(dir, "push", "-q", "origin", "HEAD:main")
	w.must(w.publish("0.1.0"))
	second := w.raise("0.2.0", "Build: faster, thanks to @kim")
	w.must(w.publish("0.2.0", backend))
	w.proposes("xiilab/backend", first, second, "v0.2.0")
}

// TestAnUpdatedBranchIsOurs: somebody has pressed "Update branch", which merges the consumer's branch into ours.
func TestAnUpdatedBranchIsOurs(t *testing.T) {
	w := newWorld(t)
	first := w.git(w.clone, "rev-parse", "HEAD")
	backend := w.consumer("xiilab/backend", first, "v0.1.0")
	w.must(w.publish("0.1.0"))
	w.raise("0.2.0", "Build: faster, thanks to @kim")
	w.must(w.publish("0.2.0", backend))
	merge := func() {
		t.Helper()
		_, err := w.Commit(t.Context(), "xiilab/backend", "main", "work goes on", map[string][]byte{"src/main.txt": []byte(w.tip("xiilab/backend"))})
		w.must(err)
		dir := filepath.Join(t.TempDir(), "app")
		w.git(filepath.Dir(dir), "clone", "-q", "--branch=astrago/ci-update", w.bare["xiilab/backend"], dir)
		w.must(example.Git(t.Context(), dir, "merge", "-q", "--no-edit", "origin/main"))
		w.git(dir, "push", "-q", "origin", "HEAD")
	}
	merge()
	tip := w.tip("xiilab/backend")
	w.must(w.publish("0.2.0", backend))
	if w.tip("xiilab/backend") != tip {
		t.Error("a branch that is up to date was replaced")
	}
	third := w.raise("0.3.0", "Bump: safer")
	w.must(w.publish("0.3.0", backend))
	w.proposes("xiilab/backend", first, third, "v0.3.0")

	merge()
	dir := filepath.Join(t.TempDir(), "amended")
	w.git(filepath.Dir(dir), "clone", "-q", "--branch=astrago/ci-update", w.bare["xiilab/backend"], dir)
	w.must(os.WriteFile(filepath.Join(dir, "astrago.yaml"), []byte("version: 1\n"), 0o644))
	w.must(example.Git(t.Context(), dir, "add", "astrago.yaml"))
	w.must(example.Git(t.Context(), dir, "commit", "-q", "--amend", "--no-edit"))
	w.git(dir, "push", "-q", "-f", "origin", "HEAD")
	w.raise("0.4.0", "Plan: clearer")
	if err := w.publish("0.4.0", backend); err == nil || !strings.Contains(err.Error(), "has commits of others") {
		t.Errorf("a merge with a change of somebody's: %v", err)
	}
}
