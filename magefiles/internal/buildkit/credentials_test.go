package buildkit_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/baseimage"
)

const pullUser, pullSecret, pullToken = "robot", "pull-s3cret", "a-bearer-token"

// bearerRegistry is a registry on loopback that wants a token, and gives it to one account (distribution spec, token
// authentication).
func bearerRegistry(t *testing.T) (host string) {
	t.Helper()
	images := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch {
		case req.URL.Path == "/token":
			user, secret, _ := req.BasicAuth()
			if req.Method == http.MethodPost {
				user, secret = req.PostFormValue("username"), req.PostFormValue("password")
			}
			if user != pullUser || secret != pullSecret {
				http.Error(w, `{"errors":[{"code":"DENIED"}]}`, http.StatusUnauthorized)
				return
			}
			fmt.Fprintf(w, `{"token":%q,"access_token":%q}`, pullToken, pullToken)
		case req.Header.Get("Authorization") != "Bearer "+pullToken:
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="test",scope="repository:acme/base:pull,push"`, req.Host))
			http.Error(w, `{"errors":[{"code":"UNAUTHORIZED"}]}`, http.StatusUnauthorized)
		default:
			images.ServeHTTP(w, req)
		}
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

// pulls is Options.Credentials for it.
func pulls(context.Context, string) (user, secret string, err error) {
	return pullUser, pullSecret, nil
}

// baseImage is an image to run steps in.
func baseImage(t *testing.T) v1.Image {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := baseimage.Binary(t.Context(), filepath.Join(cache, "astrago-ci", "testkit"))
	if err != nil {
		t.Fatal(err)
	}
	img, err := baseimage.Image(binary)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func pushBase(t *testing.T, ref string) {
	t.Helper()
	tag, err := name.NewTag(ref)
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag, baseImage(t), remote.WithAuth(&authn.Basic{Username: pullUser, Password: pullSecret}), remote.WithContext(t.Context())); err != nil {
		t.Fatal(err)
	}
}

func TestBaseImageFromPrivateRegistryOnLoopback(t *testing.T) {
	host := bearerRegistry(t)
	pushBase(t, host+"/acme/base:1")
	dockerfile := "FROM " + host + "/acme/base:1\nRUN echo hello from the base\n"

	r := newRepository(t)
	r.component("core", dockerfile)
	var asked string
	r.opts.Credentials = func(_ context.Context, h string) (string, string, error) {
		asked = h
		return pullUser, pullSecret, nil
	}
	r.must()
	if asked != host {
		t.Errorf("the account of %q was asked for, want %q", asked, host)
	}

	for _, tc := range []struct{ user, account string }{{"", "without an account"}, {"stranger", `as "stranger"`}} {
		host := bearerRegistry(t) // of its own: the daemon keeps tokens of an earlier build for a while
		r := newRepository(t)
		r.component("core", "FROM "+host+"/acme/base:1\nRUN echo hello\n")
		r.opts.Credentials = func(context.Context, string) (string, string, error) { return tc.user, tc.user, nil }
		_, err := r.run()
		p := problem.As(err)
		if p == nil {
			t.Fatalf("got %v, want a problem", err)
		}
		t.Log(p.Error())
		if p.Place.String() != "docker/core/Dockerfile:1" || !strings.Contains(p.Place.Snippet, ">>> FROM "+host) {
			t.Errorf("place %q:\n%s", p.Place, p.Place.Snippet)
		}
		if !strings.Contains(p.Remedy, host+" was asked "+tc.account) || !strings.Contains(p.Remedy, "docker login "+host) {
			t.Errorf("remedy %q", p.Remedy)
		}
	}
}
