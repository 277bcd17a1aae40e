package deployer

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/credential"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/github/app"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// key is a private key in PEM.
var key = sync.OnceValue(func() string {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(private)}))
})

// started returns the Deployer of a run with these variables, and what it hides.
func started(environ ...string) (*Deployer, *redact.Redactor) {
	hidden, o := redact.New(), Options{Token: "DEPLOY_TOKEN", GitHub: github.Options{APIURL: "https://api.github.com"}, Plan: func() *plan.Plan { return nil }}
	o.Hide = func(secret string) { hidden.Add(secret) }
	for _, pair := range environ {
		switch name, value, _ := strings.Cut(pair, "="); name {
		case "DEPLOY_TOKEN":
			o.GitHub.Token = value
		case "DEPLOY_APP_ID":
			o.AppID = value
		case "DEPLOY_APP_KEY":
			o.AppKey = value
		}
	}
	return New(o), hidden
}

func TestWhatDeploys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.pem")
	if err := os.WriteFile(file, []byte(key()), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		environ        []string
		identity, says string
		app, ignores   bool
	}{
		"nothing":                  {nil, "DEPLOY_TOKEN", "", false, false},
		"a token":                  {[]string{"DEPLOY_TOKEN=x"}, "DEPLOY_TOKEN", "", false, false},
		"an App":                   {[]string{"DEPLOY_APP_ID=12", "DEPLOY_APP_KEY=" + key()}, "GitHub App 12", "", true, false},
		"an App's file":            {[]string{"DEPLOY_APP_ID=12", "DEPLOY_APP_KEY=" + file}, "GitHub App 12", "", true, false},
		"both":                     {[]string{"DEPLOY_APP_ID=12", "DEPLOY_APP_KEY=" + key(), "DEPLOY_TOKEN=x"}, "GitHub App 12", "", true, true},
		"a key of no App":          {[]string{"DEPLOY_APP_KEY=" + key()}, "GitHub App ", "DEPLOY_APP_ID is not", false, false},
		"an App without a key":     {[]string{"DEPLOY_APP_ID=12", "DEPLOY_TOKEN=x"}, "GitHub App 12", "DEPLOY_APP_KEY is not", false, true},
		"a file that is not there": {[]string{"DEPLOY_APP_ID=12", "DEPLOY_APP_KEY=/no/such-file-of-a-key"}, "GitHub App 12", "as a file", false, false},
		"a directory":              {[]string{"DEPLOY_APP_ID=12", "DEPLOY_APP_KEY=" + t.TempDir()}, "GitHub App 12", "as a file", false, false},
		"a key without its lines": {
			[]string{"DEPLOY_APP_ID=12", "DEPLOY_APP_KEY=" + strings.ReplaceAll(key(), "\n", "")}, "GitHub App 12", "its lines are gone", false, false,
		},
		"a key without its first line": {
			[]string{"DEPLOY_APP_ID=12", "DEPLOY_APP_KEY=" + key()[40:]}, "GitHub App 12", "as a file", false, false,
		},
	} {
		d, _ := started(test.environ...)
		options, err := d.GitHub()
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %q", name, err, test.says)
		}
		if err != nil && (problem.As(err).Status != problem.Usage || strings.Contains(err.Error(), "such-file") || strings.Contains(err.Error(), key()[60:80])) {
			t.Errorf("%s: the error tells too much: %v", name, err)
		}
		if d.Identity().Name != test.identity || d.IgnoresToken() != test.ignores || (options.Sources != nil) != test.app || test.app && options.Token != "" {
			t.Errorf("%s: %+v, ignores the token: %t, options %t", name, d.Identity(), d.IgnoresToken(), options.Sources != nil)
		}
	}
}

// What is in a file is as secret as what is in a variable, which package vars hides.
func TestTheKeyIsHidden(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.pem")
	if err := os.WriteFile(file, []byte(key()), 0o600); err != nil {
		t.Fatal(err)
	}
	d, fromFile := started("DEPLOY_APP_ID=12", "DEPLOY_APP_KEY="+file)
	if _, err := d.GitHub(); err != nil {
		t.Fatal(err)
	}
	secrets := []*redact.Redactor{fromFile}
	for _, value := range []string{key(), strings.ReplaceAll(key(), "\n", `\n`)} {
		secrets = append(secrets, redact.New(vars.Parse([]string{"DEPLOY_APP_KEY=" + value}).Secrets()...))
	}
	for _, hidden := range secrets {
		for line := range strings.Lines(key()) {
			if line = strings.TrimSpace(line); len(line) > 20 && !strings.HasPrefix(line, "-----") && hidden.String("x"+line+"y") != "x***y" {
				t.Errorf("a line of the key shows: %s", hidden.String(line))
			}
		}
	}
}

// A token may do what is to be done in its repository, and reads elsewhere.
func TestWhatATokenOfTheAppMayDo(t *testing.T) {
	d, _ := started("DEPLOY_APP_ID=12", "DEPLOY_APP_KEY="+key())
	if got, want := d.Permissions("acme/deployment"), (app.Permissions{Contents: "read"}); got != want {
		t.Errorf("without a plan %+v", got)
	}
	planned := &plan.Plan{Deployments: []plan.Deployment{
		{Repository: "acme/deployment"},
		{Repository: "acme/proposed", PullRequest: &config.PullRequest{}},
		{Repository: "acme/labelled"},
		{Repository: "acme/labelled", PullRequest: &config.PullRequest{Labels: []string{"deploy"}}},
	}}
	d.options.Plan = func() *plan.Plan { return planned }
	for repository, want := range map[string]app.Permissions{
		"ACME/Deployment": {Contents: "write"},
		"acme/proposed":   {Contents: "write", PullRequests: "write"},
		"acme/labelled":   {Contents: "write", PullRequests: "write", Issues: "write"},
		"acme/backend":    {Contents: "read"},
	} {
		if got := d.Permissions(repository); got != want {
			t.Errorf("%s: %+v, want %+v", repository, got, want)
		}
	}
	if _, err := d.GitHub(); err != nil {
		t.Fatal(err)
	}
	var sources []credential.Source
	for _, repository := range []string{"acme/deployment", "Acme/Deployment", "acme/backend"} {
		sources = append(sources, d.source(repository))
	}
	if sources[0] != sources[1] || sources[0] == sources[2] {
		t.Error("a repository has several tokens, or two have one")
	}
}
