package app_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/github/app"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/fakeclock"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

// writes holds the permissions that a deployment by commits needs.
var writes = app.Permissions{Contents: "write"}

// world is a GitHub with a registered App, and this machine's clock, which agrees with GitHub's until a test moves it.
type world struct {
	*githubtest.Fixture

	app    githubtest.App
	clock  *fakeclock.Clock
	mu     sync.Mutex
	hidden []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{Fixture: githubtest.Start(t), clock: fakeclock.New(time.Date(2025, 10, 1, 12, 0, 0, 0, time.UTC))}
	w.app = githubtest.RegisterApp(t, w.Server)
	return w
}

// installed has the App installed with what it asks for.
func (w *world) installed() *world {
	w.Server.Apps().Install(w.app.ID, githubtest.Repository, map[string]string{"contents": "write", "metadata": "read"})
	return w
}

func (w *world) options() app.Options {
	return app.Options{
		GitHub: github.Options{APIURL: w.Server.URL(), Clock: w.clock, Jitter: func() float64 { return 0 }},
		ID:     w.app.Number(), Key: w.app.Key, Hide: w.hide,
	}
}

func (w *world) hide(secret string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hidden = append(w.hidden, secret)
}

func (w *world) hides(text string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Contains(w.hidden, text)
}

// open returns the App as the options have it.
func (w *world) open(o app.Options) *app.App {
	w.T.Helper()
	a, err := app.New(o)
	if err != nil {
		w.T.Fatal(err)
	}
	return a
}

// asks counts the tokens that were asked for.
func (w *world) asks() (n int) {
	for _, r := range w.Server.Requests() {
		if strings.HasSuffix(r.Path, "/access_tokens") {
			n++
		}
	}
	return n
}

// wantProblem expects what an error says, and what to do about it.
func wantProblem(t *testing.T, err error, status int, says, remedy string) {
	t.Helper()
	p := problem.As(err)
	if p == nil {
		t.Errorf("no problem: %v", err)
		return
	}
	if p.Status != status || !strings.Contains(err.Error(), says) || !strings.Contains(p.Remedy, remedy) {
		t.Errorf("status %d: %v\nremedy: %s\nwant %d, %q, %q", p.Status, err, p.Remedy, status, says, remedy)
	}
	if errors.Is(err, github.ErrNoAccess) != slices.Contains([]string{"not installed", "lacks a permission", "does not include"}, says) {
		t.Errorf("no access: %t: %v", errors.Is(err, github.ErrNoAccess), err)
	}
}
