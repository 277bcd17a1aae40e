package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// TestSignInToArgoCD goes through what a workflow and a laptop have, and what astrago.yaml says.
func TestSignInToArgoCD(t *testing.T) {
	const (
		workflow = "GITHUB_ACTIONS=true"
		server   = "ARGOCD_SERVER=https://argo.example.com"
		token    = "ARGOCD_AUTH_TOKEN=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjaSJ9.c2lnbmF0dXJl" //nolint:gosec // of no server
		address  = "ACTIONS_ID_TOKEN_REQUEST_URL=https://issuer.example.com/?api-version=2.0"
		proof    = "ACTIONS_ID_TOKEN_REQUEST_TOKEN=request"
	)
	shows := Command{ReadOnly: true}
	oidc := config.ArgoCD{Application: "shop", Auth: config.ArgoCDOIDC}
	named := oidc
	named.Server = "argo.example.com"
	for name, test := range map[string]struct {
		environ []string
		named   config.ArgoCD
		signsIn bool   // by the workflow's identity
		missing string // what there is not
		status  int
		says    string
		remedy  string
		command Command
	}{
		"a job that shows": {
			environ: []string{workflow, server, "DEPLOY_READ_TOKEN=read"}, named: oidc, missing: "ARGOCD_AUTH_TOKEN is not set", command: shows,
		},
		"a job that shows, with a token": {environ: []string{workflow, server, token, "DEPLOY_READ_TOKEN=read"}, named: oidc, command: shows},
		"a dry run of the job that does": {
			environ: []string{workflow, server, "DEPLOY_TOKEN=write"}, named: oidc, command: shows,
			status: problem.Usage, says: "may not ask GitHub for its identity", remedy: "id-token: write",
		},
		"a workflow by its identity":          {environ: []string{workflow, server, address, proof}, named: oidc, signsIn: true},
		"a workflow that has both":            {environ: []string{workflow, server, address, proof, token}, named: oidc, signsIn: true},
		"a workflow by a token":               {environ: []string{workflow, server, token, address, proof}, named: config.ArgoCD{}},
		"a laptop by a token":                 {environ: []string{server, token}, named: oidc},
		"a laptop by a token, server by file": {environ: []string{token}, named: named},
		"a laptop without a token":            {environ: []string{server}, named: oidc, missing: "ARGOCD_AUTH_TOKEN is not set"},
		"a laptop that plays a workflow":      {environ: []string{server, address, proof}, named: oidc, missing: "ARGOCD_AUTH_TOKEN is not set"},
		"a workflow without a server":         {environ: []string{workflow, address, proof}, named: oidc, missing: "neither ARGOCD_SERVER nor"},
		"a workflow without the permission": {
			environ: []string{workflow, server, token}, named: oidc,
			status: problem.Usage, says: "may not ask GitHub for its identity", remedy: "id-token: write",
		},
		"a server that only the commit names": {
			environ: []string{workflow, address, proof}, named: named,
			status: problem.Refused, says: "refusing to send the workflow's identity to argo.example.com", remedy: "set ARGOCD_SERVER",
		},
		"a server that only the commit names, and a token": {
			environ: []string{workflow, token}, named: config.ArgoCD{Server: "argo.example.com"},
			status: problem.Refused, says: "refusing to send ARGOCD_AUTH_TOKEN to argo.example.com", remedy: "set ARGOCD_SERVER",
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.command.Name = report.CommandWait
			_, env := Start(t.Context(), Process{Dir: t.TempDir(), Environ: test.environ, Stderr: &bytes.Buffer{}}, test.command, Flags{})
			client, missing, err := env.Clients.ArgoCD(test.named)
			p := problem.As(err)
			switch {
			case test.says != "":
				if p == nil || p.Status != test.status || !strings.Contains(err.Error(), test.says) || !strings.Contains(p.Remedy, test.remedy) {
					t.Errorf("%v", err)
				}
			case err != nil || (missing == "") != (test.missing == "") || !strings.Contains(missing, test.missing) || (client == nil) != (test.missing != ""):
				t.Errorf("%v, missing %q, want %q", err, missing, test.missing)
			case client != nil && client.SignsIn() != test.signsIn:
				t.Errorf("by its identity: %t", client.SignsIn())
			}
		})
	}
}

// A file of certificates is read as far as those of all authorities are long, and no further: it may be a device.
func TestFileOfCertificates(t *testing.T) {
	const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
	write := func(name, content string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for value, want := range map[string]string{
		"": "", certificate: certificate, write("ca.crt", certificate): certificate,
		write("long", strings.Repeat(" ", maxCertificates+1)): "reading ARGOCD_SERVER_CRT: more than 1048576 bytes are too many",
		filepath.Join(t.TempDir(), "none"):                    "reading ARGOCD_SERVER_CRT: open ",
	} {
		got, err := argocdCA(vars.Parse([]string{"ARGOCD_SERVER_CRT=" + value}))
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%.40q: %q", value, got)
		}
	}
}
