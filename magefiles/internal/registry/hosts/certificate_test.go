package hosts_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// TestDockersDirectory has authorities and certificates by the ends of their names, which also turn TLS on for this machine.
func TestDockersDirectory(t *testing.T) {
	ca, certificate, key := identity(t)
	for _, registry := range []string{"reg.example.com", "127.0.0.1:5000"} {
		m, root := newMachine(t, map[string]string{
			registry + "/ca.crt": ca, registry + "/other.crt": ca, registry + "/client.cert": certificate, registry + "/client.key": key,
			registry + "/both.cert": certificate + key, registry + "/README": "",
		})
		e := lookup(t, m, registry).Endpoint
		if e.Scheme != "https" || len(e.Authorities) != 2 || len(e.Pairs) != 2 || len(e.TLS().Certificates) != 2 || e.TLS().RootCAs == nil {
			t.Errorf("%s: %+v", registry, e)
		}
		dir := filepath.Join(root, registry)
		if e.Pairs[0].Key != filepath.Join(dir, "both.cert") || e.Pairs[1].Key != filepath.Join(dir, "client.key") {
			t.Errorf("%s: %+v", registry, e.Pairs)
		}
	}
}

func TestCertificatesThatCannotBeRead(t *testing.T) {
	ca, certificate, key := identity(t)
	_, other, _ := identity(t)
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no certificate":  {map[string]string{"reg/ca.crt": "hello"}, "no certificate in PEM"},
		"another's key":   {map[string]string{"reg/ca.crt": ca, "reg/a.cert": other, "reg/a.key": key}, "a.cert"},
		"no key":          {map[string]string{"reg/a.cert": certificate}, "a.cert"},
		"a key alone":     {map[string]string{"reg/a.key": key}, "a key without its certificate a.cert"},
		"a directory":     {map[string]string{"reg/ca.crt/x": ca}, "it is not a file"},
		"much too large":  {map[string]string{"reg/ca.crt": strings.Repeat("x", 1<<20+1)}, "the most that are read"},
		"hosts directory": {map[string]string{"reg/hosts.toml/x": ""}, "it is not a file"},
	} {
		m, _ := newMachine(t, test.files)
		_, err := m.Lookup("reg")
		if p := problem.As(err); p == nil || p.Remedy == "" || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}
