package hosts_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry/hosts"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/authority"
)

// newMachine is a machine with files below a root: "reg/hosts.toml" and its text.
func newMachine(t *testing.T, files map[string]string) (m *hosts.Machine, root string) {
	t.Helper()
	root = t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &hosts.Machine{Dirs: []hosts.Directory{{Path: root, Wanted: true}}}, root
}

func lookup(t *testing.T, m *hosts.Machine, registry string) hosts.Registry {
	t.Helper()
	r, err := m.Lookup(registry)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// identity is an authority's certificate, and one that it has signed with its key.
func identity(t *testing.T) (ca, certificate, key string) {
	t.Helper()
	a, err := authority.New(t.Name())
	if err != nil {
		t.Fatal(err)
	}
	c, k, err := a.Issue()
	if err != nil {
		t.Fatal(err)
	}
	return string(a.PEM()), string(c), string(k)
}

func TestAMachineThatSaysNothing(t *testing.T) {
	empty, _ := newMachine(t, nil)
	for _, m := range []*hosts.Machine{nil, {}, empty} {
		for registry, want := range map[string]string{
			"ghcr.io": "https://ghcr.io/v2", "docker.io": "https://registry-1.docker.io/v2", "reg.example.com:5000": "https://reg.example.com:5000/v2",
			"127.0.0.1:5000": "http://127.0.0.1:5000/v2", "localhost": "http://localhost/v2", "[::1]:5000": "http://[::1]:5000/v2",
			"127.0.0.1.example.com": "https://127.0.0.1.example.com/v2",
		} {
			r := lookup(t, m, registry)
			if got := r.Endpoint.Scheme + "://" + r.Endpoint.Host + r.Endpoint.Path; got != want || r.Dir != "" || len(r.Mirrors) > 0 || r.Endpoint.TLS() != nil {
				t.Errorf("%s: %s, %+v; want %s", registry, got, r, want)
			}
			if m.SpeaksHTTP(registry) != (r.Endpoint.Scheme == "http") {
				t.Errorf("%s: the two disagree", registry)
			}
		}
	}
}

// TestFilesAreReadOnce has a registry's settings be the same for all of a run.
func TestFilesAreReadOnce(t *testing.T) {
	m, root := newMachine(t, map[string]string{"reg:5000/hosts.toml": `server = "http://reg:5000"`})
	first := lookup(t, m, "reg:5000")
	if err := os.RemoveAll(filepath.Join(root, "reg:5000")); err != nil {
		t.Fatal(err)
	}
	if again := lookup(t, m, "reg:5000"); again.Endpoint.Scheme != "http" || first.Endpoint.Scheme != "http" {
		t.Errorf("%+v, then %+v", first, again)
	}
}
