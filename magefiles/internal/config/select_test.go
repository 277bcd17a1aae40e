package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func TestSelectKeepsTheOrderOfTheFile(t *testing.T) {
	cfg := load(t)
	for _, test := range []struct{ names, want string }{
		{"", "core batch monitor"},
		{"monitor,core", "core monitor"},
		{"batch, batch", "batch"},
	} {
		var names []string
		if test.names != "" {
			names = strings.Split(test.names, ",")
		}
		components, err := cfg.Select(component.Names(names))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range components {
			got = append(got, string(c.Name))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("-only=%s gives %v, want %s", test.names, got, test.want)
		}
	}
}

func TestSelectGivesACopy(t *testing.T) {
	cfg := load(t)
	components, err := cfg.Select(nil)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(components)
	if cfg.Components[0].Name != "core" {
		t.Error("the configuration changed with the selection")
	}
}

func TestSelectOfAnUnknownComponent(t *testing.T) {
	for name, want := range map[string]string{
		"monitr": "astrago.yaml: selecting components: there is no component \"monitr\"\n  → did you mean `monitor`?",
		"Core":   "astrago.yaml: selecting components: there is no component \"Core\"\n  → did you mean `core`?",
		"web":    "astrago.yaml: selecting components: there is no component \"web\"\n  → components: core, batch, monitor",
		"":       "astrago.yaml: selecting components: there is no component \"\"\n  → components: core, batch, monitor",
	} {
		cfg := load(t)
		cfg.Path = "astrago.yaml"
		_, err := cfg.Select([]component.Name{"core", component.Name(name)})
		if p := problem.As(err); p == nil || p.ExitStatus() != problem.Usage || err.Error() != want {
			t.Errorf("%q: got\n%v\nwant\n%s", name, err, want)
		}
	}
}
