package rest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"testing"
	"time"

	gogithub "github.com/google/go-github/v62/github"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/apps"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

// now is the clock of a fixture.
var now = time.Date(2025, 10, 1, 12, 0, 0, 0, time.UTC)

// sign makes a JSON Web Token of an App.
func sign(t *testing.T, key string, claims map[string]any) string {
	t.Helper()
	block, _ := pem.Decode([]byte(key))
	private, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(payload)
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, private, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func claims(issuer any, from, to time.Duration) map[string]any {
	return map[string]any{"iss": issuer, "iat": now.Add(from).Unix(), "exp": now.Add(to).Unix()}
}

func TestAnAppGetsATokenForOneRepository(t *testing.T) {
	f := served(t)
	app := githubtest.RegisterApp(t, f.Server)
	f.Server.Apps().Install(app.ID, repo, map[string]string{"contents": "write", "metadata": "read"})
	for _, issuer := range []any{app.ID, app.Number(), app.ClientID} {
		client := f.Client(sign(t, app.Key, claims(issuer, -time.Minute, 9*time.Minute)))
		found := must[*gogithub.Installation](t)(client.Apps.FindRepositoryInstallation(t.Context(), owner, name))
		if found.GetAppSlug() != "acme-deployer" || found.GetPermissions().GetContents() != "write" {
			t.Fatalf("installation %v", found)
		}
		ask := &gogithub.InstallationTokenOptions{
			Repositories: []string{name}, Permissions: &gogithub.InstallationPermissions{Contents: new("read")},
		}
		made := must[*gogithub.InstallationToken](t)(client.Apps.CreateInstallationToken(t.Context(), found.GetID(), ask))
		if made.GetExpiresAt().Sub(now) != time.Hour {
			t.Errorf("expires %s", made.GetExpiresAt())
		}
		reader := f.Client(made.GetToken())
		must[*gogithub.Repository](t)(reader.Repositories.Get(t.Context(), owner, name))
		_, _, err := reader.Git.CreateRef(t.Context(), owner, name, &gogithub.Reference{Ref: new("refs/heads/x"), Object: &gogithub.GitObject{SHA: new(f.Tip())}})
		githubtest.WantRefusal(t, err, http.StatusForbidden, "Resource not accessible by integration")
	}
}

func TestAppsThatSignWrongly(t *testing.T) {
	f := served(t)
	app := githubtest.RegisterApp(t, f.Server)
	f.Server.Apps().Install(app.ID, repo, map[string]string{"contents": "write"})
	good := claims(app.Number(), -time.Minute, 9*time.Minute)
	for name, test := range map[string]struct {
		token  string
		status int
		text   string
	}{
		"of another":    {sign(t, app.Key, claims("1", -time.Minute, time.Minute)), 404, "Integration not found"},
		"too early":     {sign(t, app.Key, claims(app.Number(), time.Minute, 2*time.Minute)), 401, "'iat'"},
		"too late":      {sign(t, app.Key, claims(app.Number(), -20*time.Minute, -11*time.Minute)), 401, "'exp'"},
		"for too long":  {sign(t, app.Key, claims(app.Number(), 0, 11*time.Minute)), 401, "too far in the future"},
		"changed":       {sign(t, app.Key, good) + "A", 401, "could not be decoded"},
		"none at all":   {githubtest.Token, 401, "could not be decoded"},
		"no json":       {"a.b.c", 401, "could not be decoded"},
		"of no account": {"unknown", 401, "Bad credentials"},
	} {
		_, _, err := f.Client(test.token).Apps.FindRepositoryInstallation(t.Context(), owner, "deployment")
		t.Log(name)
		githubtest.WantRefusal(t, err, test.status, test.text)
	}
	_, _, err := f.Client(sign(t, app.Key, good)).Repositories.Get(t.Context(), owner, "deployment")
	githubtest.WantRefusal(t, err, http.StatusUnauthorized, "Bad credentials")
}

func TestAnInstallationThatGivesNoToken(t *testing.T) {
	f := served(t)
	app := githubtest.RegisterApp(t, f.Server)
	client := f.Client(sign(t, app.Key, claims(app.ClientID, -time.Minute, 9*time.Minute)))
	_, _, err := client.Apps.FindRepositoryInstallation(t.Context(), owner, name)
	githubtest.WantRefusal(t, err, http.StatusNotFound, "Not Found")
	f.Server.Apps().Install(app.ID, repo, map[string]string{"contents": "read"})
	found := must[*gogithub.Installation](t)(client.Apps.FindRepositoryInstallation(t.Context(), owner, name))
	ask := func(o gogithub.InstallationTokenOptions) (string, error) {
		made, _, err := client.Apps.CreateInstallationToken(t.Context(), found.GetID(), &o)
		return made.GetToken(), err
	}
	_, err = ask(gogithub.InstallationTokenOptions{Repositories: []string{"other"}})
	githubtest.WantRefusal(t, err, http.StatusUnprocessableEntity, "at least one repository that does not exist")
	_, err = ask(gogithub.InstallationTokenOptions{Permissions: &gogithub.InstallationPermissions{Contents: new("write")}})
	githubtest.WantRefusal(t, err, http.StatusUnprocessableEntity, "permissions requested are not granted")
	f.Server.Apps().UseLongTokens()
	token, err := ask(gogithub.InstallationTokenOptions{})
	if err != nil || len(token) < 500 {
		t.Fatalf("token %q, %v", token, err)
	}
	must[*gogithub.Repository](t)(f.Client(token).Repositories.Get(t.Context(), owner, name))
	f.Server.Apps().Change(app.ID, owner, func(in *apps.Installation) { in.Suspended = true })
	_, err = ask(gogithub.InstallationTokenOptions{})
	githubtest.WantRefusal(t, err, http.StatusForbidden, "suspended")
	_, _, err = f.Client(token).Repositories.Get(t.Context(), owner, name)
	githubtest.WantRefusal(t, err, http.StatusUnauthorized, "Bad credentials")
	f.Server.Apps().Uninstall(app.ID, owner)
	_, err = ask(gogithub.InstallationTokenOptions{})
	githubtest.WantRefusal(t, err, http.StatusNotFound, "Not Found")
}
