package config_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

func TestOriginBranch(t *testing.T) {
	cfg, err := config.Parse("astrago.yaml", []byte(`version: 1
service: backend
image: ghcr.io/acme/backend
components: { core: {} }
environments:
  stage: { branches: ['release/*', main], deploy: &d { repository: a/b, branch: main, file: v.yaml, set: '.a = "{{ .Tag }}"' } }
  prod: { from: stage, deploy: *d }
  lab: { branches: ['lab/**'], deploy: *d }
  own: { deploy: *d }
`))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ environment, current, want string }{
		{"stage", "", "main"},
		{"stage", "release/2", "release/2"},
		{"stage", "feature", "main"},
		{"prod", "", "main"},
		{"prod", "release/2", "release/2"},
		{"lab", "lab/a/b", "lab/a/b"},
		{"lab", "feature", "feature"},
		{"own", "feature", "feature"},
		{"own", "", ""},
	} {
		e, err := cfg.Environment(test.environment, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := cfg.OriginBranch(e, test.current); got != test.want {
			t.Errorf("the branch of %s on %q is %q, want %q", test.environment, test.current, got, test.want)
		}
	}
}
