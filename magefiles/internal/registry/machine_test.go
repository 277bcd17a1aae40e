package registry_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry/hosts"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/authority"
)

// machine is one whose files of a registry are the given ones.
func machineOf(t *testing.T, host string, files map[string]string) *hosts.Machine {
	t.Helper()
	root := t.TempDir()
	dir := filepath.Join(root, host)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &hosts.Machine{Dirs: []hosts.Directory{{Path: root, Wanted: true}}}
}

// overTLS is a machine by which a registry on this machine is spoken to in TLS.
func overTLS(t *testing.T, host string) *hosts.Machine {
	t.Helper()
	return machineOf(t, host, map[string]string{"hosts.toml": "server = 'https://" + host + "'\n"})
}

// clientFiles are those of a machine that trusts an authority and has a certificate of it.
func clientFiles(t *testing.T, a *authority.Authority) map[string]string {
	t.Helper()
	certificate, key, err := a.Issue()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"ca.crt": string(a.PEM()), "client.cert": string(certificate), "client.key": string(key)}
}

func newAuthority(t *testing.T) *authority.Authority {
	t.Helper()
	a, err := authority.New(t.Name())
	if err != nil {
		t.Fatal(err)
	}
	return a
}
