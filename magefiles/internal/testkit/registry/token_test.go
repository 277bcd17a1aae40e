package registry_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

func token(t *testing.T, server *registry.Server, scope string) string {
	t.Helper()
	form := url.Values{"grant_type": {"password"}, "username": {"octocat"}, "password": {"s3cret"}, "scope": {scope}}
	got := do(t, http.MethodPost, "http://"+server.Addr()+"/token", "", form.Encode())
	var given struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(got.body), &given); err != nil || given.AccessToken == "" {
		t.Fatalf("token endpoint answered %s", got.body)
	}
	return "Bearer " + given.AccessToken
}

func TestChallenge(t *testing.T) {
	server := start(t, registry.Options{})
	got := do(t, http.MethodGet, "http://"+server.Addr()+"/v2/acme/backend/manifests/1", "", "")
	want := `Bearer realm="http://` + server.Addr() + `/token",service="ghcr.io",scope="repository:acme/backend:pull"`
	if got.status != http.StatusUnauthorized || got.header.Get("WWW-Authenticate") != want || !strings.Contains(got.body, "UNAUTHORIZED") {
		t.Errorf("%d %q %s", got.status, got.header.Get("WWW-Authenticate"), got.body)
	}
}

func TestRights(t *testing.T) {
	server := start(t, registry.Options{})
	all := token(t, server, "repository:acme/backend:pull,push repository:public/base:pull,push repository:private/x:pull,push")
	pull := token(t, server, "repository:acme/backend:pull")
	for name, test := range map[string]struct {
		method, path, token string
		status              int
		body                string
	}{
		"ping":             {http.MethodGet, "/v2/", pull, 200, ""},
		"pull":             {http.MethodGet, "/v2/acme/backend/manifests/1", all, 404, "NAME_UNKNOWN"},
		"push":             {http.MethodPost, "/v2/acme/backend/blobs/uploads/", all, 202, ""},
		"push, pull token": {http.MethodPost, "/v2/acme/backend/blobs/uploads/", pull, 403, "permission_denied: write_package"},
		"push, read only":  {http.MethodPost, "/v2/public/base/blobs/uploads/", all, 403, "permission_denied: write_package"},
		"pull, read only":  {http.MethodGet, "/v2/public/base/manifests/1", all, 404, "NAME_UNKNOWN"},
		"pull, no right":   {http.MethodGet, "/v2/private/x/manifests/1", all, 403, "DENIED"},
		"other repository": {http.MethodGet, "/v2/acme/other/manifests/1", all, 403, "DENIED"},
		"unknown token":    {http.MethodGet, "/v2/acme/backend/manifests/1", "Bearer nonsense", 403, "DENIED"},
		"bad name":         {http.MethodGet, "/v2/Acme/../x/manifests/1", all, 400, "NAME_INVALID"},
	} {
		t.Run(name, func(t *testing.T) {
			got := do(t, test.method, "http://"+server.Addr()+test.path, test.token, "")
			if got.status != test.status || !strings.Contains(got.body, test.body) {
				t.Errorf("%d %s, want %d %s", got.status, got.body, test.status, test.body)
			}
		})
	}
	server.RevokeTokens()
	if got := do(t, http.MethodGet, "http://"+server.Addr()+"/v2/", all, ""); got.status != http.StatusForbidden {
		t.Errorf("a revoked token got %d", got.status)
	}
}

func TestTokenEndpoint(t *testing.T) {
	private, public := start(t, registry.Options{}), start(t, registry.Options{AnonymousPull: true})
	for name, test := range map[string]struct {
		server         *registry.Server
		user, password string
		status         int
		body           string
	}{
		"right":             {private, "octocat", "s3cret", 200, "token"},
		"wrong":             {private, "octocat", "wrong", 403, `"denied"`},
		"unknown":           {private, "nobody", "s3cret", 403, `"denied"`},
		"nobody":            {private, "", "", 401, "authentication required"},
		"nobody, public":    {public, "", "", 200, "token"},
		"wrong, but public": {public, "octocat", "wrong", 403, `"denied"`},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+test.server.Addr()+"/token?scope=repository:acme/x:pull", nil)
			if err != nil {
				t.Fatal(err)
			}
			if test.user != "" {
				request.SetBasicAuth(test.user, test.password)
			}
			got := do(t, http.MethodGet, request.URL.String(), request.Header.Get("Authorization"), "")
			if got.status != test.status || !strings.Contains(got.body, test.body) {
				t.Errorf("%d %s, want %d %s", got.status, got.body, test.status, test.body)
			}
		})
	}
}
