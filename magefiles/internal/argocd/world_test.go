package argocd_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	githubapi "github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	double "github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/fakeclock"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

const (
	token       = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwcm9qOnNob3A6Y2kifQ.c2VjcmV0LXNpZ25hdHVyZQ" //nolint:gosec // of no server
	repository  = "acme/deployment"
	branch      = "main"
	deployToken = "deploy-token-of-a-test"
	oldImage    = "ghcr.io/acme/shop:web-stage-00000000"
	newImage    = "ghcr.io/acme/shop:web-stage-a1b2c3d4"
)

// world is an Argo CD with the application "shop", made from a repository whose history GitHub knows: real git.
type world struct {
	t      *testing.T
	github *github.Server
	server *double.Server
	client *argocd.Client
	clock  *fakeclock.Clock
	old    string // what is live
	bare   string // the repository's directory
	events []argocd.Event
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, server: double.Start(double.Options{}), clock: fakeclock.New(time.Unix(1_800_000_000, 0))}
	t.Cleanup(w.server.Close)
	w.server.Allow(token, "default")
	var err error
	w.github, err = githubd.Start(t.Context(), github.Options{OnUnknown: func(r *http.Request) { t.Errorf("unknown request %s %s", r.Method, r.URL) }})
	w.must(err)
	t.Cleanup(func() { w.must(w.github.Close()) })
	w.bare, err = w.github.CreateRepository(t.Context(), repository, branch, map[string][]byte{"values.yaml": []byte("tag: 0\n")})
	w.must(err)
	w.github.Grant(deployToken, repository, github.Permissions{Contents: github.Read})
	w.old, err = w.github.Head(repository, branch)
	w.must(err)
	w.client = w.connect(argocd.Options{Server: w.server.URL(), Token: token})
	return w
}

func (w *world) connect(o argocd.Options) *argocd.Client {
	w.t.Helper()
	o.Clock = w.clock
	client, err := argocd.New(o)
	w.must(err)
	return client
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// commit puts a commit onto the deployment repository's branch.
func (w *world) commit(message string) string {
	w.t.Helper()
	id, err := w.github.Commit(w.t.Context(), repository, branch, message, map[string][]byte{"values.yaml": []byte(message + "\n")})
	w.must(err)
	return id
}

var sources = []double.Source{{RepoURL: "https://github.com/acme/deployment.git", Path: "helmfile", TargetRevision: branch}}

// application creates "shop", live at the old commit with the old image.
func (w *world) application(refresh func(double.Application) []double.Step, change ...double.Step) {
	w.t.Helper()
	a := double.New("shop", slices.Clone(sources), w.old)
	double.Then(append([]double.Step{double.Live(oldImage)}, change...)...)(&a)
	w.server.Create(a, refresh)
}

// once begins the steps with the first refresh; later ones find nothing new.
func once(steps ...double.Step) func(double.Application) []double.Step {
	return func(double.Application) []double.Step {
		now := steps
		steps = nil
		return now
	}
}

func target(commit string, images ...string) argocd.Target {
	c := argocd.Commit{Repository: repository, Branch: branch, SHA: commitid.ID(commit)}
	for _, image := range images {
		c.Images = append(c.Images, refs.Image(image))
	}
	return argocd.Target{Application: "shop", Project: "default", Commits: []argocd.Commit{c}}
}

func (w *world) options() argocd.WaitOptions {
	w.t.Helper()
	ancestry, err := githubapi.NewComparer(githubapi.Options{
		APIURL: w.github.URL(), Token: deployToken, Identity: githubapi.Identity{Name: "DEPLOY_TOKEN"},
	})
	w.must(err)
	return argocd.WaitOptions{Ancestry: ancestry, Progress: func(e argocd.Event) { w.events = append(w.events, e) }}
}

// done waits, and wants the wait to end well, with a revision, not before the last state was shown.
func (w *world) done(t argocd.Target, revision string) argocd.Result {
	w.t.Helper()
	result, err := w.client.Wait(w.t.Context(), t, w.options())
	if err != nil {
		w.t.Fatalf("%v\n%s", err, w.told())
	}
	if !w.server.Settled("shop") {
		w.t.Errorf("the wait ended before the last state, with %+v\n%s", result, w.told())
	}
	if result.Revision != revision || result.Sync != "Synced" || result.Health != "Healthy" {
		w.t.Errorf("the result is %+v, want revision %s", result, revision)
	}
	return result
}

// ends waits, and wants the wait to end early with these words.
func (w *world) ends(t argocd.Target, words ...string) {
	w.t.Helper()
	w.refuses(t, words...)
	if passed := w.clock.Now().Sub(time.Unix(1_800_000_000, 0)); passed > time.Minute {
		w.t.Errorf("the wait ended after %s", passed)
	}
}

// refuses is fails, for those who want no more of the error.
func (w *world) refuses(t argocd.Target, words ...string) {
	w.t.Helper()
	_ = w.fails(t, words...)
}

// fails waits, and wants an error with these words, a remedy and no token.
func (w *world) fails(t argocd.Target, words ...string) error {
	w.t.Helper()
	_, err := w.client.Wait(w.t.Context(), t, w.options())
	if err == nil {
		w.t.Fatalf("the wait ended well\n%s", w.told())
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			w.t.Errorf("the error does not say %q:\n%v", word, err)
		}
	}
	if p := problem.As(err); p == nil || p.Remedy == "" {
		w.t.Errorf("the error says no remedy: %v", err)
	}
	if strings.Contains(err.Error()+w.told(), token) {
		w.t.Errorf("the token shows: %v\n%s", err, w.told())
	}
	return err
}

// told returns everything that was reported on the way.
func (w *world) told() string {
	var b strings.Builder
	for _, e := range w.events {
		fmt.Fprintln(&b, e.Text)
	}
	return b.String()
}

func (w *world) says(words ...string) {
	w.t.Helper()
	for _, word := range words {
		if !strings.Contains(w.told(), word) {
			w.t.Errorf("nobody was told %q:\n%s", word, w.told())
		}
	}
}
