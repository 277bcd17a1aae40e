package targets_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/apps"
)

// TestDoctorTellsWhichAppDeploys with its permissions, by commits and by pull requests.
func TestDoctorTellsWhichAppDeploys(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	app := a.deploysAsApp(everything)
	d := a.doctor()
	const identity = "GitHub App 12345 (acme-deployer), installed at acme: Contents: read and write"
	a.wants(d, "identity", "ok", example.Deployment+": "+identity+"\n")
	a.wants(d, "read", "ok", "with GitHub App 12345")
	a.wants(d, "write", "ok", "GitHub App 12345 may commit")
	a.wants(d, "token", "ok", "GitHub App 12345 gets a new one each hour")
	a.wants(d, "rules", "ok")
	a.wantTokens(commitsOnly)

	a.env = []string{"DEPLOY_APP_ID=" + app.ClientID, "DEPLOY_TOKEN=left-behind-0123456789"}
	a.wants(a.doctor(), "identity", "warn", "GitHub App "+app.ClientID, "DEPLOY_TOKEN is set, too, and not used", "unset DEPLOY_TOKEN")

	a.env = nil
	a.replace("astrago.yaml", "      file:", "      mode: pull-request\n      pullRequest: { labels: [deploy] }\n      file:")
	a.commit("release by pull request")
	d = a.doctor()
	a.wants(d, "identity", "ok", identity+", Pull requests: read and write, Issues: read and write")
	a.wants(d, "write", "ok", "may commit and open pull requests")
}

// TestDoctorTellsWhyAnAppDoesNotDeploy: each failure has a remedy of its own, and none speaks of a token that is not there.
func TestDoctorTellsWhyAnAppDoesNotDeploy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.application("frontend")
	app := w.deploysAsApp(everything)
	remedies := map[string]string{}
	for name, test := range map[string]struct {
		env    []string
		change func(in *apps.Installation) // nil: it is not installed
		skew   time.Duration
		status string
		words  []string
	}{
		"key of another App":     {[]string{"DEPLOY_APP_KEY=" + anotherKey(t)}, unchanged, 0, "fail", []string{"not one of this App", "DEPLOY_APP_KEY"}},
		"half of the settings":   {[]string{"DEPLOY_APP_KEY="}, unchanged, 0, "fail", []string{"DEPLOY_APP_KEY is not", "set DEPLOY_APP_KEY"}},
		"no key":                 {[]string{"DEPLOY_APP_KEY=/no/such/file"}, unchanged, 0, "fail", []string{"as a file", "set DEPLOY_APP_KEY to the file"}},
		"no id":                  {[]string{"DEPLOY_APP_ID=acme-deployer"}, unchanged, 0, "fail", []string{"not the id of a GitHub App", "Client ID"}},
		"App of another GitHub":  {[]string{"DEPLOY_APP_ID=99"}, unchanged, 0, "fail", []string{"knows no such App", "GitHub Enterprise Server"}},
		"not installed":          {nil, nil, 0, "fail", []string{"it is not installed on the repository", "Install App"}},
		"permission not granted": {nil, reads, 0, "fail", []string{"lacks a permission", "422", "Contents: read and write", "accepts them"}},
		"suspended":              {nil, func(in *apps.Installation) { in.Suspended = true }, 0, "fail", []string{"is suspended", "Unsuspend"}},
		"clock ahead":            {nil, unchanged, -3 * time.Minute, "fail", []string{"clock is 3m", "ahead of GitHub's", "timedatectl"}},
		"clock a little off":     {nil, unchanged, -45 * time.Second, "warn", []string{"GitHub App 12345", "clock is off by 4", "timedatectl"}},
	} {
		w.github.Apps().Uninstall(app.ID, example.Owner)
		if test.change != nil {
			w.github.Apps().Install(app.ID, example.Deployment, everything)
			w.github.Apps().Change(app.ID, example.Owner, test.change)
		}
		w.skew.Store(int64(test.skew))
		a.env = test.env
		d := a.doctor()
		a.wants(d, "identity", test.status, test.words...)
		remedy := d.find(t, "identity").Remedy
		if strings.Contains(remedy, "DEPLOY_TOKEN") {
			t.Errorf("%s: %s", name, remedy)
		}
		if other, known := remedies[remedy]; known && !strings.Contains(remedy, "timedatectl") {
			t.Errorf("%s and %s have one remedy: %s", name, other, remedy)
		}
		remedies[remedy] = name
	}
	if len(remedies) < 9 {
		t.Errorf("remedies of %q", slices.Sorted(maps.Values(remedies)))
	}
}

// TestDoctorOfAnAppOfGitHubEnterpriseServer has the address that such a server has.
func TestDoctorOfAnAppOfGitHubEnterpriseServer(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.deploysAsApp(everything)
	a.env = []string{"GITHUB_API_URL=" + a.github.URL() + "/api/v3"}
	d := a.doctor()
	a.wants(d, "identity", "ok", "GitHub App 12345 (acme-deployer)")
	a.wants(d, "write", "ok")
}

func unchanged(*apps.Installation) {}

func reads(in *apps.Installation) {
	in.Permissions = map[string]string{"metadata": "read", "contents": "read"}
}

func anotherKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}
