package hosts_test

import (
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry/hosts"
)

func TestList(t *testing.T) {
	a, _ := newMachine(t, map[string]string{
		"ghcr.io/ca.crt": "", "reg.example.com_5000_/ca.crt": "", "_default/hosts.toml": "", "a b/ca.crt": "", ".hidden/x": "", "x_y_/ca.crt": "",
	})
	b, _ := newMachine(t, map[string]string{"reg.example.com:5000/ca.crt": "", "other:1/ca.crt": ""})
	m := &hosts.Machine{Dirs: append(a.Dirs, append(b.Dirs, hosts.Directory{Path: "/nowhere"})...)}
	if got, want := m.List(), []string{"ghcr.io", "other:1", "reg.example.com:5000"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if (*hosts.Machine)(nil).List() != nil {
		t.Error("a machine that says nothing has some")
	}
}
