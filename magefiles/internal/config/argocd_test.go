package config_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// TestSignInOfArgoCD: what is for a workflow's identity is refused where a token signs in, in whichever order it is written.
func TestSignInOfArgoCD(t *testing.T) {
	for keys, refused := range map[string]string{
		"":              "",
		", auth: token": "",
		", auth: oidc":  "",
		", auth: oidc, connector: gh, audience: argo": "",
		", connector: gh, auth: oidc":                 "",
		", connector: gh":                             "connector has no effect on tokens",
		", audience: argo":                            "audience has no effect on tokens",
		", connector: gh, auth: token":                "connector has no effect on tokens",
		", auth: OIDC":                                "auth",
		", auth: oidc, connector: 'a b'":              "connector",
	} {
		text := strings.Replace(textWith("NONE", ""), "argocd: { application: shop }", "argocd: { application: shop"+keys+" }", 1)
		cfg, err := config.Parse("astrago.yaml", []byte(text))
		switch {
		case refused == "" && err != nil:
			t.Errorf("%q: %v", keys, err)
		case refused != "" && (err == nil || !strings.Contains(err.Error(), refused) || problem.As(err).ExitStatus() != problem.Usage):
			t.Errorf("%q: %v, want %q", keys, err, refused)
		case refused == "" && strings.Contains(keys, "oidc") && cfg.Environments[0].ArgoCD[0].Auth != config.ArgoCDOIDC:
			t.Errorf("%q: %+v", keys, cfg.Environments[0].ArgoCD)
		}
	}
}
