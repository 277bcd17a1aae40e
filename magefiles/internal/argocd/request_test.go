package argocd_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	double "github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
)

const otherToken = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.b3RoZXI" //nolint:gosec // of no server

func TestATokenThatIsNotTakenEndsAtOnce(t *testing.T) {
	w := newWorld(t)
	w.application(nil)
	w.client = w.connect(argocd.Options{Server: w.server.URL(), Token: otherToken})
	err := w.fails(target(w.old), "does not take the token", "invalid session: token signature is invalid", "set ARGOCD_AUTH_TOKEN", "argocd proj role create-token default ROLE")
	if strings.Contains(err.Error(), otherToken) {
		t.Errorf("the token shows: %v", err)
	}
	w.client = w.connect(argocd.Options{Server: w.server.URL(), Token: token})
	w.server.Expire(token)
	w.refuses(target(w.old), "the token has expired", "create a new one")
	if got := len(w.server.Requests()); got != 2 {
		t.Errorf("a refused token was tried %d times", got)
	}
}

func TestAnApplicationThatDoesNotExistEndsAtOnce(t *testing.T) {
	w := newWorld(t)
	w.application(nil)
	w.server.Allow(otherToken, "other")
	unknown := target(w.old)
	unknown.Application = "nope"
	w.refuses(unknown, `application "nope"`, `project "default" has no such application`, "argocd.application")
	unknown.Project = ""
	w.refuses(unknown, "does not exist, or ARGOCD_AUTH_TOKEN may not see it", "applications, get, PROJECT/nope, allow")
	elsewhere := target(w.old)
	elsewhere.Namespace = "team"
	w.refuses(elsewhere, "does not exist, or ARGOCD_AUTH_TOKEN may not see it", "argocd.namespace")
	w.client = w.connect(argocd.Options{Server: w.server.URL(), Token: otherToken})
	w.refuses(target(w.old), "does not exist, or ARGOCD_AUTH_TOKEN may not see it", "p, proj:default:ROLE, applications, get, default/shop, allow")
}

func TestAnApplicationOfAnotherNamespace(t *testing.T) {
	w := newWorld(t)
	a := double.New("shop", sources, w.old)
	a.Metadata.Namespace = "team"
	w.server.Create(a, nil)
	elsewhere := target(w.old)
	elsewhere.Namespace = "team"
	if _, err := w.client.Wait(t.Context(), elsewhere, w.options()); err != nil {
		t.Error(err)
	}
}

// TestHiccupsAreRetried has answers fail that fail while servers restart.
func TestHiccupsAreRetried(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	w.application(once(double.Rollout([]string{newImage}, commit)...))
	n := 0
	w.server.Intercept(func(out http.ResponseWriter, _ *http.Request) bool {
		n++
		switch n {
		case 1, 5, 6:
			http.Error(out, "<html>upstream</html>", http.StatusBadGateway)
		case 2, 8:
			cut(t, out)
		case 3:
			http.Error(out, `{"error":"too many","code":8,"message":"too many"}`, http.StatusTooManyRequests)
		default:
			return false
		}
		return true
	})
	w.done(target(commit, newImage), commit)
	w.says("trying again: 502 Bad Gateway", "trying again: 429 Too Many Requests: too many")
}

// cut closes the connection without an answer.
func cut(t *testing.T, out http.ResponseWriter) {
	t.Helper()
	connection, _, err := http.NewResponseController(out).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_ = connection.Close()
}

func TestAServerThatNeverAnswersEndsEarly(t *testing.T) {
	w := newWorld(t)
	w.server.Close()
	w.ends(target(w.old), "5 times", "connection refused", "ARGOCD_SERVER")
}

func TestAServerThatIsLostIsWaitedForUntilTheTimeout(t *testing.T) {
	w := newWorld(t)
	commit := w.commit("bump")
	w.application(nil)
	n := 0
	w.server.Intercept(func(out http.ResponseWriter, _ *http.Request) bool {
		if n++; n > 1 {
			http.Error(out, "", http.StatusServiceUnavailable)
		}
		return n > 1
	})
	w.refuses(target(commit), "timed out after 5m", "503 Service Unavailable")
}

func TestWhatIsNotArgoCDEndsAtOnce(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request)
		words  []string
	}{
		"a page":     {func(out http.ResponseWriter, _ *http.Request) { fmt.Fprint(out, "<!doctype html>") }, []string{"is not Argo CD's API", "ARGOCD_SERVER", "root path"}},
		"other JSON": {func(out http.ResponseWriter, _ *http.Request) { fmt.Fprint(out, `{"ok":true}`) }, []string{"is not Argo CD's API"}},
		"not found":  {http.NotFound, []string{"404 Not Found", "ARGOCD_SERVER"}},
		"a login": {func(out http.ResponseWriter, r *http.Request) {
			http.Redirect(out, r, "https://login.example.com/start?state=secret-state", http.StatusFound)
		}, []string{"https://login.example.com"}},
		"https only": {func(out http.ResponseWriter, r *http.Request) {
			http.Redirect(out, r, "https://"+r.Host+r.URL.RequestURI(), http.StatusTemporaryRedirect)
		}, []string{"takes https only", "set ARGOCD_SERVER to https://127.0.0.1"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.server.Intercept(func(out http.ResponseWriter, r *http.Request) bool {
				test.answer(out, r)
				return true
			})
			if err := w.fails(target(w.old), test.words...); strings.Contains(err.Error(), "secret-state") {
				t.Errorf("the redirect's query shows: %v", err)
			}
			if got := len(w.server.Requests()); got != 1 {
				t.Errorf("it was asked %d times", got)
			}
		})
	}
}

func TestCertificates(t *testing.T) {
	w := newWorld(t)
	w.server = double.Start(double.Options{TLS: true})
	t.Cleanup(w.server.Close)
	w.server.Allow(token, "default")
	w.application(nil)
	host := strings.TrimPrefix(w.server.URL(), "https://") // as ARGOCD_SERVER has it

	w.client = w.connect(argocd.Options{Server: host, Token: token})
	w.refuses(target(w.old), "is not trusted here", "ARGOCD_SERVER_CRT", "ARGOCD_INSECURE=true")
	w.client = w.connect(argocd.Options{Server: host, Token: token, CA: w.server.Certificate()})
	w.done(target(w.old), w.old)
	w.client = w.connect(argocd.Options{Server: host, Token: token, Insecure: true})
	w.done(target(w.old), w.old)
	if _, err := argocd.New(argocd.Options{Server: host, Token: token, CA: "no certificate"}); err == nil || problem.As(err).ExitStatus() != problem.Usage {
		t.Errorf("a CA without a certificate gives %v", err)
	}
}

func TestAServerThatIsNotHTTPS(t *testing.T) {
	w := newWorld(t)
	w.application(nil)
	w.client = w.connect(argocd.Options{Server: strings.TrimPrefix(w.server.URL(), "http://"), Token: token})
	w.refuses(target(w.old), "answers in plain http", "write http://")
}

func TestTheServersAddress(t *testing.T) {
	for _, test := range []struct{ server, page string }{
		{"argocd.example.com", "https://argocd.example.com/applications/shop"},
		{"argocd.example.com:8443", "https://argocd.example.com:8443/applications/shop"},
		{" http://localhost:8080/ ", "http://localhost:8080/applications/shop"},
		{"https://example.com/argo-cd/", "https://example.com/argo-cd/applications/shop"},
		{"", ""},
		{"ftp://example.com", ""},
		{"https://admin:hunter2-password@example.com", ""},
		{"https://exa mple.com/hunter2-password", ""},
		{"https://example.com?x=1", ""},
	} {
		client, err := argocd.New(argocd.Options{Server: test.server, Token: token})
		switch {
		case test.page == "":
			if p := problem.As(err); p == nil || p.ExitStatus() != problem.Usage || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%q gives %v", test.server, err)
			}
		case err != nil || client.Page(argocd.Target{Application: "shop"}) != test.page:
			t.Errorf("%q gives %v, error %v", test.server, client, err)
		}
	}
}

func TestTheTokenIsOne(t *testing.T) {
	for _, bad := range []string{"", "Bearer " + token, "hunter2", token + "\nx", "a.b.c.d"} {
		_, err := argocd.New(argocd.Options{Server: "argocd.example.com", Token: bad})
		if p := problem.As(err); p == nil || p.ExitStatus() != problem.Usage || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("%q gives %v", bad, err)
		}
	}
	if _, err := argocd.New(argocd.Options{Server: "argocd.example.com", Token: token + "\n"}); err != nil {
		t.Errorf("a line's end: %v", err)
	}
}

// TestAskEndsAtOnce wants an answer now, where Wait tries again.
func TestAskEndsAtOnce(t *testing.T) {
	w := newWorld(t)
	w.application(nil)
	if err := w.client.Ask(t.Context(), target(w.old)); err != nil {
		t.Error(err)
	}
	stranger := w.connect(argocd.Options{Server: w.server.URL(), Token: otherToken})
	dead := w.connect(argocd.Options{Server: "http://127.0.0.1:1", Token: token})
	for _, test := range []struct {
		client *argocd.Client
		words  string
	}{{stranger, "does not take the token"}, {dead, "asking 127.0.0.1:1: dial"}} {
		err := test.client.Ask(t.Context(), target(w.old))
		if problem.As(err) == nil || !strings.Contains(err.Error(), test.words) || strings.Contains(err.Error(), otherToken) {
			t.Errorf("error %v", err)
		}
	}
}
