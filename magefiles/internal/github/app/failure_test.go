package app_test

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/github/app"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/apps"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

// TestEveryFailureHasARemedyOfItsOwn goes through what an owner may have done or left out.
func TestEveryFailureHasARemedyOfItsOwn(t *testing.T) {
	for name, test := range map[string]struct {
		prepare      func(*world, *app.Options)
		says, remedy string
	}{
		"key of another App": {func(w *world, _ *app.Options) {
			other, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // quick, and of no account
			if err != nil {
				w.T.Fatal(err)
			}
			w.Server.Apps().Register(apps.App{ID: w.app.ID, Slug: "acme-deployer", Key: &other.PublicKey})
		}, "not one of this App", "DEPLOY_APP_KEY"},
		"App of another GitHub": {func(_ *world, o *app.Options) { o.ID = "99" }, "knows no such App", "GITHUB_API_URL"},
		"installed nowhere": {func(w *world, _ *app.Options) {
			w.Server.Apps().Uninstall(w.app.ID, githubtest.Owner)
		}, "not installed", "Install App"},
		"installed elsewhere": {func(w *world, _ *app.Options) {
			w.Server.Apps().Change(w.app.ID, githubtest.Owner, func(in *apps.Installation) { in.Repositories = []string{"acme/other"} })
		}, "not installed", githubtest.Repository},
		"permission not granted": {func(w *world, _ *app.Options) {
			w.Server.Apps().Change(w.app.ID, githubtest.Owner, func(in *apps.Installation) { in.Permissions = map[string]string{"contents": "read"} })
		}, "lacks a permission", "Contents: read and write"},
		"suspended": {func(w *world, _ *app.Options) {
			w.Server.Apps().Change(w.app.ID, githubtest.Owner, func(in *apps.Installation) { in.Suspended = true })
		}, "suspended", "Unsuspend"},
		"suspended just now": {func(w *world, _ *app.Options) {
			w.before("POST /app/installations/{id}/access_tokens", func() {
				w.Server.Apps().Change(w.app.ID, githubtest.Owner, func(in *apps.Installation) { in.Suspended = true })
			})
		}, "suspended", "Unsuspend"},
		"repository taken away just now": {func(w *world, _ *app.Options) {
			w.before("POST /app/installations/{id}/access_tokens", func() {
				w.Server.Apps().Change(w.app.ID, githubtest.Owner, func(in *apps.Installation) { in.Repositories = nil })
			})
		}, "does not include", "Repository access"},
		"uninstalled just now": {func(w *world, _ *app.Options) {
			w.before("POST /app/installations/{id}/access_tokens", func() { w.Server.Apps().Uninstall(w.app.ID, githubtest.Owner) })
		}, "its installation is gone", "install it again"},
		"clock ahead": {
			func(w *world, _ *app.Options) { w.clock.Advance(2 * time.Minute) },
			"this machine's clock is 2m0s ahead of GitHub's", "timedatectl",
		},
		"clock far ahead": {
			func(w *world, _ *app.Options) { w.clock.Advance(3 * time.Hour) },
			"this machine's clock is 3h0m0s ahead of GitHub's", "timedatectl",
		},
		"clock behind": {
			func(w *world, _ *app.Options) { w.clock.Advance(-20 * time.Minute) },
			"this machine's clock is 20m0s behind GitHub's", "timedatectl",
		},
		"limited": {func(w *world, _ *app.Options) {
			w.Server.Intercept(github.On("GET /repos/{owner}/{repo}/installation", 0, github.Action{Reply: &github.Reply{
				Status: http.StatusForbidden, Body: `{"message":"You have exceeded a secondary rate limit"}`,
			}}))
		}, "the rate limit of the App is used up", problem.Again},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).installed()
			o := w.options()
			test.prepare(w, &o)
			_, err := w.open(o).Grant(t.Context(), githubtest.Repository, writes)
			wantProblem(t, err, problem.Failed, test.says, test.remedy)
		})
	}
}

// before does something just before an operation is handled.
func (w *world) before(operation string, do func()) {
	w.Server.Intercept(github.On(operation, 1, github.Action{Before: do}))
}

// A clock that is a little off is no reason to refuse anything.
func TestAClockThatIsALittleOff(t *testing.T) {
	for _, off := range []time.Duration{-5 * time.Minute, -30 * time.Second, 30 * time.Second, 55 * time.Second} {
		w := newWorld(t).installed()
		w.clock.Advance(off)
		grant, err := w.open(w.options()).Grant(t.Context(), githubtest.Repository, writes)
		if err != nil || grant.Ahead != off {
			t.Errorf("%s: %+v, %v", off, grant, err)
		}
	}
}

// GitHub Enterprise Server serves both operations below /api/v3.
func TestAnAppOfGitHubEnterpriseServer(t *testing.T) {
	w := newWorld(t).installed()
	o := w.options()
	o.GitHub.APIURL += "/api/v3"
	if _, err := w.open(o).Grant(t.Context(), githubtest.Repository, writes); err != nil {
		t.Error(err)
	}
}

func TestAnAwayGitHubIsAskedAgain(t *testing.T) {
	w := newWorld(t).installed()
	bad := github.Action{Reply: &github.Reply{Status: http.StatusBadGateway, Body: "{}"}}
	w.Server.Intercept(github.On("GET /repos/{owner}/{repo}/installation", 1, bad))
	w.Server.Intercept(github.On("POST /app/installations/{id}/access_tokens", 1, bad))
	if _, err := w.open(w.options()).Grant(t.Context(), githubtest.Repository, writes); err != nil {
		t.Error(err)
	}
}
