package config_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func TestSource(t *testing.T) {
	cfg, err := config.Parse("astrago.yaml", read(t, "testdata/valid/environments.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ to, from, want, words string }{
		{"prod", "", "stage", ""},
		{"stage", "prod", "prod", ""},
		{"stage", "", "", "-from=stage"},
		{"prod", "prod", "", "cannot be promoted to itself"},
		{"prod", "stag", "", "did you mean `stage`?"},
	} {
		to, err := cfg.Environment(test.to, "")
		if err != nil {
			t.Fatal(err)
		}
		got, err := cfg.Source(to, test.from)
		switch p := problem.As(err); {
		case test.want != "" && (err != nil || got.Name != test.want):
			t.Errorf("%s from %q: %v, %v", test.to, test.from, got, err)
		case test.want == "" && (p == nil || p.ExitStatus() != problem.Usage || !strings.Contains(err.Error(), test.words)):
			t.Errorf("%s from %q: error %v does not say %q", test.to, test.from, err, test.words)
		}
	}
}
