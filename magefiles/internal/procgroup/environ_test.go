package procgroup_test

import (
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

func TestSelect(t *testing.T) {
	environ := []string{"A=1", "AB=2", "a=3", "LC_ALL=C", "=C:=C:\\", "broken"}
	if got := procgroup.Select(environ, "a", "LC_*"); !slices.Equal(got, []string{"A=1", "a=3", "LC_ALL=C"}) {
		t.Errorf("selected %q", got)
	}
	if got := procgroup.Select(environ); got != nil {
		t.Errorf("nothing asked for gives %q", got)
	}
}

func TestScratch(t *testing.T) {
	environ := []string{"PATH=/bin", "HOME=/home/dev", "XDG_CONFIG_HOME=/home/dev/.config", "HELM_REGISTRY_CONFIG=/home/dev/r.json", "KUBECONFIG=/k", "SOPS_AGE_KEY_FILE=/key"}
	got := procgroup.Scratch(environ, "/tmp/x", "SOPS_AGE_KEY_FILE")
	want := []string{"PATH=/bin", "HOME=/tmp/x", "USERPROFILE=/tmp/x", "APPDATA=/tmp/x", "LOCALAPPDATA=/tmp/x", "SOPS_AGE_KEY_FILE=/key"}
	if !slices.Equal(got, want) {
		t.Errorf("environment %q, want %q", got, want)
	}
	if got := procgroup.Scratch(environ, "/tmp/x", "HOME"); got[len(got)-1] != "HOME=/home/dev" {
		t.Errorf("a home that is asked for: %q", got)
	}
}
