package app_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/github/app"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

func TestATokenIsForOneRepositoryAndAnHour(t *testing.T) {
	w := newWorld(t).installed()
	w.Server.Apps().Install(w.app.ID, githubtest.Owner+"/other", map[string]string{"contents": "write", "metadata": "read", "issues": "write"})
	for _, id := range []string{w.app.Number(), w.app.ClientID} {
		o := w.options()
		o.ID = id
		grant, err := w.open(o).Grant(t.Context(), githubtest.Repository, writes)
		if err != nil {
			t.Fatal(err)
		}
		want := app.Grant{Name: "acme-deployer", Account: githubtest.Owner, Permissions: writes, Lifetime: time.Hour}
		if grant.Name != want.Name || grant.Account != want.Account || grant.Permissions != want.Permissions || grant.Lifetime != want.Lifetime || grant.Ahead != 0 {
			t.Errorf("grant %+v", grant)
		}
	}
	for _, token := range w.Server.Apps().Tokens() {
		if !slices.Equal(token.Repositories, []string{githubtest.Repository}) || len(token.Permissions) != 1 || token.Permissions["contents"] != "write" {
			t.Errorf("a token for %q with %v", token.Repositories, token.Permissions)
		}
	}
}

func TestManyRequestsShareOneToken(t *testing.T) {
	w := newWorld(t).installed()
	source := w.open(w.options()).Source(githubtest.Repository, writes)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := source.Token(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := w.asks(); n != 1 {
		t.Errorf("%d tokens were asked for", n)
	}
	w.clock.Advance(54 * time.Minute)
	if _, err := source.Token(t.Context()); err != nil || w.asks() != 1 {
		t.Errorf("asked %d times, %v", w.asks(), err)
	}
}

// The signature says when it was made by this machine's clock; GitHub's says when the token ends.
func TestALifetimeIsMeasuredByGitHubsClock(t *testing.T) {
	w := newWorld(t).installed()
	w.clock.Advance(45 * time.Second) // ahead
	grant, err := w.open(w.options()).Grant(t.Context(), githubtest.Repository, writes)
	if err != nil || grant.Lifetime != time.Hour || grant.Ahead != 45*time.Second {
		t.Errorf("%+v, %v", grant, err)
	}
}

func TestEverySecretIsHiddenBeforeItTravels(t *testing.T) {
	for _, long := range []bool{false, true} {
		w := newWorld(t).installed()
		if long {
			w.Server.Apps().UseLongTokens()
		}
		token, err := w.open(w.options()).Source(githubtest.Repository, writes).Token(t.Context())
		if err != nil || !w.hides(token) || long != (len(token) > 500) {
			t.Fatalf("hidden: %t, %v", w.hides(token), err)
		}
		signed := 0
		for _, secret := range w.hidden {
			if strings.Count(secret, ".") == 2 && strings.HasPrefix(secret, "eyJ") {
				signed++
			}
			if signature, found := strings.CutPrefix(secret, "eyJ"); found && !w.hides(secret[strings.LastIndex(secret, ".")+1:]) {
				t.Errorf("the signature %v is not hidden by itself", signature)
			}
		}
		if signed != 1 {
			t.Errorf("%d signed tokens are hidden", signed)
		}
	}
}

func TestIDsOfApps(t *testing.T) {
	w := newWorld(t)
	for id, want := range map[string]bool{
		"1": true, "12345678": true, "Iv1.0123456789abcdef": true, "Iv23liexampleClientId": true,
		"": false, "acme-deployer": false, "12 34": false, "Iv1": false, "1\r\nX: y": false, "https://github.com/apps/x": false,
	} {
		o := w.options()
		o.ID = id
		if _, err := app.New(o); (err == nil) != want {
			t.Errorf("%q: %v", id, err)
		} else if err != nil && problem.As(err).Status != problem.Usage {
			t.Errorf("%q: status %d", id, problem.As(err).Status)
		}
	}
}
