package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

// hostile is a server in GitHub's place that answers what a test says.
func hostile(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return server.URL
}

// A signature is as good as a token for ten minutes: it follows no redirect.
func TestAttackSignatureByRedirect(t *testing.T) {
	var arrived []string
	other := hostile(t, func(w http.ResponseWriter, r *http.Request) {
		arrived = append(arrived, fmt.Sprint(r.Header))
		w.WriteHeader(http.StatusUnauthorized)
	})
	for _, code := range []int{301, 302, 307, 308} {
		arrived = nil
		w := newWorld(t)
		o := w.options()
		o.GitHub.APIURL = hostile(t, func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, other+r.URL.Path, code)
		})
		if _, err := w.open(o).Grant(t.Context(), githubtest.Repository, writes); err == nil {
			t.Errorf("%d: a token is granted", code)
		}
		if len(arrived) != 1 || strings.Contains(arrived[0], "eyJ") {
			t.Errorf("%d: %q arrived", code, arrived)
		}
	}
}

// What a server repeats of a request is text in an error, where the redactor knows it.
func TestAttackSignatureInAnErrorsBody(t *testing.T) {
	w := newWorld(t)
	var sent string
	o := w.options()
	o.GitHub.APIURL = hostile(t, func(rw http.ResponseWriter, r *http.Request) {
		sent = strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		rw.WriteHeader(http.StatusForbidden)
		body, _ := json.Marshal(map[string]string{"message": "no " + sent})
		_, _ = rw.Write(body)
	})
	_, err := w.open(o).Grant(t.Context(), githubtest.Repository, writes)
	if err == nil || sent == "" || !w.hides(sent) {
		t.Errorf("%q is hidden: %t, %v", sent, w.hides(sent), err)
	}
}

// Answers of a server that is not GitHub: none gives a token, and none is read without end.
func TestAttackAnswersAboutTokens(t *testing.T) {
	installation := `{"id": 1, "app_slug": "x", "account": {"login": "acme"}}`
	token := func(text, expires string) string {
		body, _ := json.Marshal(map[string]string{"token": text, "expires_at": expires})
		return string(body)
	}
	const late = "2100-01-01T00:00:00Z"
	long := strings.Repeat("a", 100_000)
	for name, test := range map[string]struct{ installation, token string }{
		"nothing":            {installation, "{}"},
		"no JSON":            {installation, "ghs_abc"},
		"of another header":  {installation, token("ghs_aaaaaaaaaaaaaaaaaaaa\r\nX-Other: 1", late)},
		"with a space":       {installation, token("ghs_aaaaaaaaaaaa aaaaaaaa", late)},
		"of letters":         {installation, token("ghs_ㅁㅁㅁㅁㅁㅁㅁㅁㅁㅁㅁㅁㅁㅁㅁㅁㅁㅁㅁㅁ", late)},
		"too long":           {installation, token(long, late)},
		"ended":              {installation, token("ghs_aaaaaaaaaaaaaaaaaaaa", "2001-01-01T00:00:00Z")},
		"without an end":     {installation, token("ghs_aaaaaaaaaaaaaaaaaaaa", "")},
		"without an id":      {`[]`, token("ghs_aaaaaaaaaaaaaaaaaaaa", late)},
		"of a huge answer":   {`{"id": 1, "app_slug": "` + strings.Repeat(long, 20) + `"}`, "{}"},
		"of a huge refusal":  {strings.Repeat(`{"message": "`+long, 20), "{}"},
		"with a huge number": {`{"id": 99999999999999999999999}`, "{}"},
	} {
		w := newWorld(t)
		o := w.options()
		o.GitHub.APIURL = hostile(t, func(rw http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet {
				_, _ = rw.Write([]byte(test.installation))
				return
			}
			rw.WriteHeader(http.StatusCreated)
			_, _ = rw.Write([]byte(test.token))
		})
		_, err := w.open(o).Source(githubtest.Repository, writes).Token(t.Context())
		switch {
		case err == nil:
			t.Errorf("%s: a token", name)
		case strings.Contains(err.Error(), "aaaaaaaaaaaaaaaaaaaa"):
			t.Errorf("%s: the error quotes it: %.200s", name, err)
		}
	}
}
