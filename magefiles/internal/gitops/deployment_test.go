package gitops_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func TestNewRefusesWhatCannotWork(t *testing.T) {
	const api = "https://api.github.com"
	for name, test := range map[string]struct{ api, token, text string }{
		"no token":           {api, " \n", "DEPLOY_TOKEN is not set"},
		"token of two lines": {api, token + "\n" + token, "DEPLOY_TOKEN holds characters"},
		"no address":         {"", token, "GITHUB_API_URL"},
		"no URL":             {"api.github.com", token, "GITHUB_API_URL"},
		"secret in the URL":  {"https://user:" + token + "@api.github.com", token, "GITHUB_API_URL"},
		"plain http":         {"http://api.github.com", token, "https"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := gitops.New(gitops.Options{Options: github.Options{APIURL: test.api, Token: test.token}})
			wantProblem(t, err, problem.Usage, test.text)
		})
	}
}

func TestTokenMayEndInALineBreak(t *testing.T) {
	w := newWorld(t, nil, func(o *gitops.Options) { o.Token = token + "\r\n" })
	w.read(release(newSHA).Deployment)
}

// GitHub Enterprise Server has its two APIs side by side.
func TestEnterpriseServer(t *testing.T) {
	w := newWorld(t, map[string][]byte{shopFile: []byte(shopValues + strings.Repeat("# filler\n", 1<<17))})
	w.client = w.newClient(func(o *gitops.Options) { o.APIURL = w.URL() + "/api/v3/" })
	w.bump(release(newSHA, "core"))
	w.wantOperations(readOperation, rawOperation, commitOperation)
}
