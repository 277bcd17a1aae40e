package targets_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

const workflowSubject = "repo:acme/frontend:environment:stage"

// signsIn has the application's workflow sign in to Argo CD by its identity: no token of Argo CD is anywhere.
func (a *awaited) signsIn() *argocd.Issuer {
	a.t.Helper()
	issuer := argocd.StartIssuer(workflowSubject)
	a.t.Cleanup(issuer.Close)
	a.server.Connector("github-actions", issuer, time.Hour, "default")
	a.replace("astrago.yaml", "timeout: 2m }", "timeout: 2m, auth: oidc }")
	a.commit("sign in by the workflow's identity")
	a.env = append(a.env, workflowOf("refs/heads/"+example.Branch)...)
	a.env = append(a.env, "ARGOCD_AUTH_TOKEN=", "ACTIONS_ID_TOKEN_REQUEST_URL="+issuer.URL(), "ACTIONS_ID_TOKEN_REQUEST_TOKEN="+issuer.Token)
	return issuer
}

// TestReleaseSignsInByTheWorkflowsIdentity, and outlasts the token that it was given for it.
func TestReleaseSignsInByTheWorkflowsIdentity(t *testing.T) {
	t.Parallel()
	a := newWorld(t).awaited("frontend")
	issuer := a.signsIn()
	a.wants(a.doctor(), "application", "ok", "/applications/shop shows it to this workflow, by its identity")
	if shown := a.succeed("plan"); !strings.Contains(shown.stdout+shown.stderr, "signed in to by the workflow's identity") {
		t.Errorf("plan does not say how it signs in:\n%s%s", shown.stdout, shown.stderr)
	}
	asked, given := 0, 0
	a.server.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasPrefix(r.URL.Path, "/api/v1/applications/shop") {
			if asked++; asked == 4 {
				a.server.ExpireExchanged()
				given = len(a.server.Exchanged())
			}
		}
		return false
	})
	a.says(a.succeed("release"), "is Synced and Healthy at "+a.head()[:8])
	if got := len(a.server.Exchanged()); given == 0 || got != given+1 {
		t.Errorf("%d tokens after those %d that have ended", got-given, given)
	}
	for _, audience := range issuer.Audiences() {
		if audience != a.server.URL() {
			t.Errorf("an identity for %q", audience)
		}
	}
	for _, token := range append(a.server.Exchanged(), issuer.Token) {
		searchFor(t, a.dir, "what signs in", token)
	}
}

// TestDoctorTellsWhyAWorkflowDoesNotSignIn: each failure has a remedy of its own, and none speaks of ARGOCD_AUTH_TOKEN.
func TestDoctorTellsWhyAWorkflowDoesNotSignIn(t *testing.T) {
	t.Parallel()
	a := newWorld(t).awaited("frontend")
	issuer := a.signsIn()
	env := a.env
	remedies := map[string]bool{}
	fails := func(set []string, words ...string) {
		t.Helper()
		a.env = append(slices.Clone(env), set...)
		d := a.doctor()
		a.wants(d, "application", "fail", words...)
		found := d.find(t, "application")
		if remedies[found.Remedy] || strings.Contains(found.Text+found.Remedy, "ARGOCD_AUTH_TOKEN") {
			t.Errorf("%s\n%s", found.Text, found.Remedy)
		}
		remedies[found.Remedy] = true
	}
	fails([]string{"ACTIONS_ID_TOKEN_REQUEST_URL=", "ACTIONS_ID_TOKEN_REQUEST_TOKEN="}, "may not ask GitHub for its identity", "id-token: write")
	a.server.Connector("github-actions", issuer, time.Hour, "other")
	fails(nil, "may not see it", "p, "+workflowSubject+", applications, get")
	other := argocd.StartIssuer(workflowSubject)
	t.Cleanup(other.Close)
	a.server.Connector("github-actions", other, time.Hour, "default")
	fails(nil, "does not take the identity of this workflow ("+workflowSubject+")", "issuer in dex.config")
	a.replace("astrago.yaml", "auth: oidc }", "auth: oidc, connector: gitlab }")
	fails(nil, `no connector "gitlab"`, "argocd.connector")
	issuer.Refuse()
	fails(nil, "the identity of this workflow", "run for too long")
	env = append(env, "ARGOCD_SERVER=")
	a.replace("astrago.yaml", "auth: oidc,", "auth: oidc, server: "+strings.TrimPrefix(a.server.URL(), "http://")+",")
	fails(nil, "refusing to send the workflow's identity to", "set ARGOCD_SERVER")
}

// TestALaptopSignsInByAToken: where there is no workflow, argocd.auth: oidc changes nothing.
func TestALaptopSignsInByAToken(t *testing.T) {
	t.Parallel()
	a := newWorld(t).awaited("frontend")
	issuer := a.signsIn()
	a.env = []string{"ARGOCD_SERVER=" + a.server.URL(), "ARGOCD_AUTH_TOKEN=" + argoToken}
	a.says(a.succeed("release"), "is Synced and Healthy at "+a.head()[:8])
	if len(issuer.Audiences()) > 0 || len(a.server.Exchanged()) > 0 {
		t.Error("a laptop has a workflow's identity")
	}
	a.env = []string{"ARGOCD_SERVER=" + a.server.URL()}
	a.succeed("release").says(t, "ARGOCD_AUTH_TOKEN is not set")
}
