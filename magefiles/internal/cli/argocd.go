package cli

import (
	"cmp"
	"strconv"
	"strings"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/bounded"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// ArgoCD makes the client for the server that the configuration names, "" where it names none. missing says what there is
// not, where that is no mistake: without a token a release commits all the same.
func (c *Clients) ArgoCD(named config.ArgoCD) (client *argocd.Client, missing string, err error) {
	configured := named.Server
	server, token := cmp.Or(c.vars.Get(vars.ArgoCDServer), configured), c.vars.Get(vars.ArgoCDToken)
	oidc, err := signsInToArgoCD(c, named)
	switch {
	case err != nil:
		return nil, "", err
	case (oidc || token != "") && c.vars.Get(vars.ArgoCDServer) == "" && configured != "" && c.vars.InWorkflow():
		return nil, "", problem.New(problem.Refused,
			"set ARGOCD_SERVER beside it, from the same place: a variable of the repository or of its environment",
			"refusing to send %s to %s, which only astrago.yaml of this commit names: in a workflow it goes to "+
				"ARGOCD_SERVER alone", credentialName(oidc), configured)
	case server == "":
		return nil, "neither ARGOCD_SERVER nor `argocd.server` is set", nil
	case token == "" && !oidc:
		return nil, "ARGOCD_AUTH_TOKEN is not set", nil
	}
	ca, err := argocdCA(c.vars)
	if err != nil {
		return nil, "", err
	}
	insecure, err := strconv.ParseBool(cmp.Or(c.vars.Get(vars.ArgoCDInsecure), "false"))
	if err != nil {
		return nil, "", problem.New(problem.Usage, "set it to true or false, or unset it", "reading ARGOCD_INSECURE: %w", err)
	}
	options := argocd.Options{Server: server, Token: token, CA: ca, Insecure: insecure, UserAgent: "astrago-ci/" + astragoci.Version()}
	if oidc {
		options.Token, options.Connector, options.Audience = "", named.Connector, named.Audience
		options.Workflow = &argocd.Workflow{RequestURL: c.vars.Get(vars.IdentityURL), RequestToken: c.vars.Get(vars.IdentityToken)}
		options.Hide = func(secret string) { c.redact.Add(secret) }
	}
	client, err = argocd.New(options)
	return client, "", err
}

// signsInToArgoCD reports whether a workflow signs in by its identity. A job that shows what another one is to do has none, nor needs
// it: a token that reads may be there in its place.
func signsInToArgoCD(c *Clients, named config.ArgoCD) (bool, error) {
	switch {
	case !c.vars.InWorkflow() || named.Auth != config.ArgoCDOIDC:
		return false, nil
	case c.vars.Get(vars.IdentityURL) != "":
		return true, nil
	case c.onlyReads:
		return false, nil
	}
	return false, problem.New(problem.Usage, "let the job, and the workflow that calls it, have permissions: id-token: write",
		"signing in to Argo CD: argocd.auth is oidc, and this job may not ask GitHub for its identity")
}

// maxCertificates bounds a file of certificates: those of all public authorities have some 220 KB.
const maxCertificates = 1 << 20

// argocdCA takes a file, as the option --server-crt of Argo CD's own client does, or a certificate, as workflows have it.
func argocdCA(v vars.Vars) (string, error) {
	value := v.Get(vars.ArgoCDServerCRT)
	if value == "" || strings.Contains(value, "-----BEGIN") {
		return value, nil
	}
	data, err := bounded.ReadFile(value, maxCertificates)
	if err != nil {
		return "", problem.New(problem.Usage, "set ARGOCD_SERVER_CRT to a file with a certificate in PEM, or to the certificate",
			"reading ARGOCD_SERVER_CRT: %w", err)
	}
	return string(data), nil
}

// credentialName returns the name of the credential that signs in.
func credentialName(oidc bool) string {
	if oidc {
		return "the workflow's identity"
	}
	return string(vars.ArgoCDToken)
}
