package gitops_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/fakeclock"
)

func TestTokenStaysWithItsHost(t *testing.T) {
	var stolen atomic.Pointer[http.Header]
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { stolen.Store(&r.Header) }))
	defer thief.Close()
	var seen atomic.Pointer[http.Header]
	redirect := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		seen.Store(&r.Header)
		http.Redirect(rw, r, thief.URL+"/graphql", http.StatusTemporaryRedirect)
	}))
	defer redirect.Close()
	client, err := gitops.New(gitops.Options{Options: github.Options{APIURL: redirect.URL, Token: token, Clock: &fakeclock.Clock{}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Repo.Read(t.Context(), release(newSHA).Deployment); err == nil {
		t.Error("an empty answer was read as a repository")
	}
	if h := seen.Load(); h == nil || h.Get("Authorization") != "Bearer "+token || h.Get("User-Agent") != "astrago-ci" {
		t.Errorf("the API got %v", h)
	}
	switch h := stolen.Load(); {
	case h == nil:
		t.Error("the redirect was not followed")
	case strings.Contains(fmt.Sprint(*h), token):
		t.Error("another host was sent the token")
	}
}

func TestUnreachableHost(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	client, err := gitops.New(gitops.Options{Options: github.Options{APIURL: gone.URL, Token: token, Clock: &fakeclock.Clock{}}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Repo.Read(context.WithoutCancel(t.Context()), release(newSHA).Deployment)
	if err == nil || !strings.Contains(err.Error(), "reaching "+strings.TrimPrefix(gone.URL, "http://")) || strings.Contains(err.Error(), token) {
		t.Errorf("error is %v", err)
	}
}
