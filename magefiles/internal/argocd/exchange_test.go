package argocd_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	double "github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
)

const subject = "repo:acme/backend:ref:refs/heads/main"

// signedIn is a world whose client signs in as a workflow.
func signedIn(t *testing.T) (w *world, issuer *double.Issuer, hidden *[]string) {
	t.Helper()
	w, issuer, hidden = newWorld(t), double.StartIssuer(subject), &[]string{}
	t.Cleanup(issuer.Close)
	w.server.Connector("github-actions", issuer, time.Hour, "default")
	w.client = w.connect(w.workflow(issuer, hidden))
	return w, issuer, hidden
}

func (w *world) workflow(issuer *double.Issuer, hidden *[]string) argocd.Options {
	return argocd.Options{
		Server: w.server.URL(), Workflow: &argocd.Workflow{RequestURL: issuer.URL(), RequestToken: issuer.Token},
		Hide: func(secret string) { *hidden = append(*hidden, secret) },
	}
}

func TestAWorkflowSignsInByItsIdentity(t *testing.T) {
	w, issuer, hidden := signedIn(t)
	w.application(nil)
	w.done(target(w.old), w.old)
	if got := issuer.Audiences(); !slices.Equal(got, []string{w.server.URL()}) {
		t.Errorf("identities for %q", got)
	}
	exchanged := w.server.Exchanged()
	if len(exchanged) != 1 || !slices.Contains(*hidden, exchanged[0]) || len(*hidden) != 2 {
		t.Errorf("%d tokens, of %d secrets", len(exchanged), len(*hidden))
	}
}

// A wait may outlast a token without noticing.
func TestATokenOfDexIsRenewed(t *testing.T) {
	w, _, _ := signedIn(t)
	w.application(nil)
	w.done(target(w.old), w.old)
	w.clock.Advance(56 * time.Minute) // before its end
	w.done(target(w.old), w.old)
	w.server.ExpireExchanged() // before its time
	w.done(target(w.old), w.old)
	if n := len(w.server.Exchanged()); n != 3 {
		t.Errorf("%d tokens", n)
	}
}

func TestWorkflowsThatAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(*world, *double.Issuer, *argocd.Options)
		words   []string
	}{
		"no permission": {func(_ *world, i *double.Issuer, _ *argocd.Options) { i.Refuse() }, []string{"the identity of this workflow", "id-token: write"}},
		"no URL": {
			func(_ *world, _ *double.Issuer, o *argocd.Options) { o.Workflow.RequestURL = "" },
			[]string{"ACTIONS_ID_TOKEN_REQUEST_URL is not a URL", "id-token: write"},
		},
		"connector unknown": {
			func(_ *world, _ *double.Issuer, o *argocd.Options) { o.Connector = "gitlab" },
			[]string{`it has no connector "gitlab"`, "argocd.connector"},
		},
		"Dex refuses": {func(w *world, _ *double.Issuer, _ *argocd.Options) {
			other := double.StartIssuer(subject)
			w.t.Cleanup(other.Close)
			w.server.Connector("github-actions", other, time.Hour, "default")
		}, []string{"does not take the identity of this workflow (" + subject + ")", "token.actions.githubusercontent.com"}},
		"may not see it": {func(w *world, i *double.Issuer, _ *argocd.Options) {
			w.server.Connector("github-actions", i, time.Hour, "other")
		}, []string{"may not see it", "p, " + subject + ", applications, get, default/shop, allow"}},
	} {
		t.Run(name, func(t *testing.T) {
			w, issuer, hidden := signedIn(t)
			w.application(nil)
			o := w.workflow(issuer, hidden)
			test.prepare(w, issuer, &o)
			w.client = w.connect(o)
			err := w.fails(target(w.old), test.words...)
			if strings.Contains(err.Error()+problem.As(err).Remedy, "ARGOCD_AUTH_TOKEN") {
				t.Errorf("it speaks of a token: %v", err)
			}
		})
	}
}

func TestAnArgoCDWithoutDex(t *testing.T) {
	w, issuer := newWorld(t), double.StartIssuer(subject)
	t.Cleanup(issuer.Close)
	w.application(nil)
	w.client = w.connect(w.workflow(issuer, &[]string{}))
	_ = w.fails(target(w.old), "the answer is not from Dex", "dex.config")
}

// Neither what proves the identity nor the identity follows a redirect, and no answer is read without end.
func TestAttackIdentityByRedirect(t *testing.T) {
	var arrived []string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		arrived = append(arrived, r.Header.Get("Authorization")+r.Form.Encode())
	}))
	t.Cleanup(other.Close)
	for _, answer := range []http.HandlerFunc{
		func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, other.URL, http.StatusTemporaryRedirect)
		},
		func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(make([]byte, 2<<20)) },
		func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write([]byte(`{"value":"a.b.c\r\nX: y"}`)) },
		func(rw http.ResponseWriter, _ *http.Request) {
			_, _ = rw.Write([]byte(`{"access_token":"secret","expires_in":-1}`))
		},
	} {
		w, issuer, hidden := signedIn(t)
		w.application(nil)
		hostile := httptest.NewServer(answer)
		t.Cleanup(hostile.Close)
		o := w.workflow(issuer, hidden)
		o.Workflow = &argocd.Workflow{RequestURL: hostile.URL, RequestToken: issuer.Token}
		w.client = w.connect(o)
		_ = w.fails(target(w.old), "the identity of this workflow")
		o = w.workflow(issuer, hidden)
		o.Server = hostile.URL
		w.client = w.connect(o)
		_ = w.fails(target(w.old), "exchanging the workflow's identity")
	}
	if len(arrived) > 0 {
		t.Errorf("%q arrived elsewhere", arrived)
	}
}
