package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// FuzzParse finds text that makes Parse panic, fail without exit code 2, or accept what no release could use.
func FuzzParse(f *testing.F) {
	paths, err := filepath.Glob("testdata/*/*.yaml")
	if err != nil || len(paths) == 0 {
		f.Fatalf("finding seeds: %d, error %v", len(paths), err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := config.Parse("astrago.yaml", data)
		if err != nil {
			if p := problem.As(err); p == nil || p.ExitStatus() != problem.Usage || p.Place.File == "" || err.Error() == "" {
				t.Errorf("error %T %v has no exit code 2 or no place", err, err)
			}
			return
		}
		if cfg.Service == "" || len(cfg.Components) == 0 || len(cfg.Environments) == 0 {
			t.Errorf("accepted %+v", cfg)
		}
		for _, c := range cfg.Components {
			if c.Name == "" || cfg.Repository(cfg.Environments[0].Name, c).IsZero() || c.Tag.Text == "" || c.Context == "" || c.Dockerfile == "" || !filepath.IsLocal(c.Dockerfile) {
				t.Errorf("accepted component %+v", c)
			}
		}
		for _, name := range namedComponents(cfg) {
			if _, flaw := grammar.Name.Check(string(name)); flaw != nil {
				t.Errorf("accepted the name %q", name)
			}
			if _, known := cfg.Component(name); !known {
				t.Errorf("accepted %q, which is no component", name)
			}
		}
		for _, e := range cfg.Environments {
			if _, err := cfg.Environment(e.Name, ""); err != nil || len(e.Deploy) == 0 {
				t.Errorf("accepted environment %+v, error %v", e, err)
			}
		}
	})
}

// namedComponents are all names of components that a configuration has.
func namedComponents(cfg *config.Config) (names []component.Name) {
	for _, c := range cfg.Components {
		names = append(append(names, c.Name), c.Needs...)
	}
	for _, e := range cfg.Environments {
		for _, d := range e.Deploy {
			names = append(names, d.Components...)
		}
	}
	return names
}
