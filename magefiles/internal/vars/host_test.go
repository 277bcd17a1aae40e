package vars_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// TestVariablesOfHosts are found by what they begin with; passwords among them are secrets, and no child gets them.
func TestVariablesOfHosts(t *testing.T) {
	v := vars.Parse([]string{"REGISTRY_TOKEN_A_IO=hidden", "REGISTRY_USER_A_IO=robot$shop+ci", "REGISTRY_TOKENS=x", "REGISTRY_TOKEN_<HOST>=y"})
	if got := v.ByHost(vars.HostToken); !maps.Equal(got, map[string]string{"A_IO": "hidden"}) {
		t.Errorf("%v", got)
	}
	if got := v.ByHost(vars.RegistryToken); len(got) > 0 {
		t.Errorf("of a variable that is one: %v", got)
	}
	if !slices.Contains(v.Secrets(), "hidden") || slices.Contains(v.Secrets(), "robot$shop+ci") {
		t.Errorf("secrets %q", v.Secrets())
	}
	if got := strings.Join(v.ForCommands(), " "); strings.Contains(got, "hidden") || !strings.Contains(got, "robot$shop+ci") {
		t.Errorf("commands get %q", got)
	}
	shown := map[string]string{}
	for _, row := range v.Rows() {
		if row.Set {
			shown[string(row.Name)] = row.Shown
		}
	}
	if shown["REGISTRY_TOKEN_A_IO"] != "***" || shown["REGISTRY_USER_A_IO"] != "robot$shop+ci" {
		t.Errorf("shown: %v", shown)
	}
}
