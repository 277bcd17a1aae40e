package config_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

// TestFormerNames are names that the service or its repository has no more.
func TestFormerNames(t *testing.T) {
	const text = "version: 1\nservice: shop\nformerly: NAMES\nimage: ghcr.io/acme/shop\ncomponents: { core: {} }\nenvironments:\n  dev:\n" +
		"    deploy: { repository: a/d, branch: m, file: a, set: '.{{ .Component }}.tag = \"{{ .Tag }}\"' }\n"
	for names, says := range map[string]string{
		"store": "", "[store, acme/old-shop]": "", "acme/shop": "", "core": "",
		"shop": "astrago.yaml:3:", "[store, shop]": "which is the service's name now", "not/a/name": "formerly",
	} {
		_, err := config.Parse("astrago.yaml", []byte(strings.Replace(text, "NAMES", names, 1)))
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: got %v", names, err)
		}
	}
}
