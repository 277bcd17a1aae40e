package config_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

// TestRepositoryOfEachEnvironment is the environment's own, else the component's, else that of the file; each may be a template.
func TestRepositoryOfEachEnvironment(t *testing.T) {
	const rest = `
service: shop
environments:
  stage: { branches: [main], deploy: { repository: a/b, branch: main, file: v.yaml, set: '.{{ .Component }} = "{{ .Tag }}"' } }
  prod: { %s deploy: { repository: a/b, branch: prod, file: v.yaml, set: '.{{ .Component }} = "{{ .Tag }}"' } }
`
	const components = "version: 1\ncomponents: { core: {}, web: { image: ghcr.io/acme/web } }\n"
	for name, test := range map[string]struct {
		file string
		want []string // core in stage and in prod, web in stage and in prod
	}{
		"as before": {components + "image: ghcr.io/acme/shop" + fmt.Sprintf(rest, ""), []string{"ghcr.io/acme/shop", "ghcr.io/acme/shop", "ghcr.io/acme/web", "ghcr.io/acme/web"}},
		"of prod": {
			components + "image: ghcr.io/acme/shop" + fmt.Sprintf(rest, "image: 'harbor.test:8443/{{ .Service }}/{{ .Component }}',"),
			[]string{"ghcr.io/acme/shop", "harbor.test:8443/shop/core", "ghcr.io/acme/web", "harbor.test:8443/shop/web"},
		},
		"a template": {
			components + "image: 'ghcr.io/acme/{{ .Environment }}'" + fmt.Sprintf(rest, ""),
			[]string{"ghcr.io/acme/stage", "ghcr.io/acme/prod", "ghcr.io/acme/web", "ghcr.io/acme/web"},
		},
		"by condition": {
			components + "image: 'ghcr.io/acme/shop{{ if eq .Environment \"prod\" }}-live{{ end }}'" + fmt.Sprintf(rest, ""),
			[]string{"ghcr.io/acme/shop", "ghcr.io/acme/shop-live", "ghcr.io/acme/web", "ghcr.io/acme/web"},
		},
	} {
		cfg, err := config.Parse("astrago.yaml", []byte(test.file))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, component := range cfg.Components {
			for _, environment := range []string{"stage", "prod"} {
				got = append(got, cfg.Repository(environment, component).String())
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
