package config_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

func TestEntryComponents(t *testing.T) {
	const text = `version: 1
service: shop
image: ghcr.io/acme/shop
components: { core: {}, batch: {} }
environments:
  dev:
    deploy:
`
	const set = `set: '.{{ .Component }}.tag = "{{ .Tag }}"'`
	for name, c := range map[string]struct{ entries, says string }{
		"all in two files":    {"      - { repository: a/d, branch: m, file: a, components: core, " + set + " }\n      - { repository: a/d, branch: m, file: b, components: [batch], " + set + " }\n", ""},
		"less on a branch":    {"      - { repository: a/d, branch: m, file: a, " + set + " }\n      - { repository: a/d, branch: n, file: b, components: [batch], " + set + " }\n", ""},
		"one is left out":     {"      - { repository: a/d, branch: m, file: a, components: [core], " + set + " }\n", "environments.dev.deploy leaves out batch"},
		"one is no component": {"      - { repository: a/d, branch: m, file: a, components: [core, bach], " + set + " }\n", "\"bach\", which is not a component"},
		"nothing for a component": {
			"      - { repository: a/d, branch: m, file: a, set: '{{ if ne .Component \"batch\" }}.{{ .Component }}.tag = \"{{ .Tag }}\"{{ end }}' }\n",
			"gives nothing for the component \"batch\"",
		},
		"the same, left out": {"      - { repository: a/d, branch: m, file: b, " + set + " }\n      - { repository: a/d, branch: m, file: a, components: [core], set: '{{ if ne .Component \"batch\" }}.{{ .Component }}.tag = \"{{ .Tag }}\"{{ end }}' }\n", ""},
		"digests":            {"      - { repository: a/d, branch: m, file: a, set: '.{{ .Component }}.ref = \"{{ .Ref }}\" | .{{ .Component }}.digest = \"{{ .Digest }}\"' }\n", ""},
	} {
		_, err := config.Parse("astrago.yaml", []byte(text+c.entries))
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "astrago.yaml:8:")):
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := config.Parse("astrago.yaml", []byte(strings.Replace(text, "service: shop", "service: shop\nformerly: [store, acme/old-shop]", 1)+"      { repository: a/d, branch: m, file: a, "+set+" }\n")); err != nil {
		t.Errorf("former names: %v", err)
	}
}
