package vars_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

var environ = []string{
	"GHCR_TOKEN=registry-secret", "DEPLOY_TOKEN=deploy-secret", "GITHUB_TOKEN=job-secret", "ARGOCD_AUTH_TOKEN=argo-secret", "NPM_TOKEN=npm-secret", "GHCR_USER=dev",
	"ASTRAGO_NOTIFY_URLS_TEAM=slack://a discord://b", "GITHUB_ENV=/runner/env", "GITHUB_PATH=/runner/path", "GITHUB_OUTPUT=/runner/out", "PATH=/bin", "EMPTY_TOKEN=", "PATH=/usr/bin", "broken",
}

func TestSecretsAreFoundByTable(t *testing.T) {
	got := vars.Parse(environ).Secrets()
	slices.Sort(got)
	if want := []string{"argo-secret", "deploy-secret", "discord://b", "job-secret", "registry-secret", "slack://a"}; !slices.Equal(got, want) {
		t.Errorf("secrets %q, want %q", got, want)
	}
}

func TestSuspectsAreFoundByName(t *testing.T) {
	got := vars.Parse(append(environ, "PRODUCTION_SECRET=core-stage")).Suspects()
	if want := []string{"npm-secret", "core-stage"}; !slices.Equal(got, want) {
		t.Errorf("suspects %q, want %q", got, want)
	}
}

func TestCommandsDoNotGetTheReleaseTokens(t *testing.T) {
	got := vars.Parse(environ).ForCommands()
	if want := []string{"EMPTY_TOKEN=", "GHCR_USER=dev", "NPM_TOKEN=npm-secret", "PATH=/usr/bin"}; !slices.Equal(got, want) {
		t.Errorf("environment %q, want %q", got, want)
	}
}

func TestRowsMaskSecrets(t *testing.T) {
	for _, row := range vars.Parse(environ).Rows() {
		if row.Name == vars.RegistryToken && (row.Shown != "***" || !row.Set) {
			t.Errorf("%s shows %q", row.Name, row.Shown)
		}
		if row.Name == vars.RegistryUser && (row.Shown != "dev" || !row.Set) {
			t.Errorf("%s shows %q", row.Name, row.Shown)
		}
		if row.Meaning == "" {
			t.Errorf("%s has no meaning", row.Name)
		}
	}
}

func TestHeadersForTheCollector(t *testing.T) {
	v := vars.Parse([]string{"OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20collector-secret-1, x-tenant = acme,raw=100%zz,,=x"})
	want := map[string]string{"authorization": "Bearer collector-secret-1", "x-tenant": "acme", "raw": "100%zz"}
	if got := v.Headers(vars.TracesHeaders); !maps.Equal(got, want) {
		t.Errorf("headers %q, want %q", got, want)
	}
	secrets := v.Secrets()
	if !slices.Contains(secrets, "collector-secret-1") || slices.Contains(secrets, "acme") || slices.Contains(secrets, "Bearer") {
		t.Errorf("secrets %q", secrets)
	}
	if got := v.ForCommands(); len(got) != 0 {
		t.Errorf("commands get %q", got)
	}
}
