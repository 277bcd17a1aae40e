package cli

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/hosts"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

func writeFiles(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOurDaemonKnowsTheMachinesRegistries has each, its mirrors, and these as registries, by what hosts.toml says of them.
func TestOurDaemonKnowsTheMachinesRegistries(t *testing.T) {
	root := t.TempDir()
	writeFiles(t, root, map[string]string{
		"plain.test_5000_/hosts.toml": `[host."http://plain.test:5000"]`,
		"docker.io/hosts.toml": `
[host."https://harbor.test/v2/hub"]
  override_path = true
  capabilities = ["pull", "resolve"]
  skip_verify = true
[host."https://elsewhere.test/odd"]
  override_path = true
[host."http://plain.test:5000"]
  capabilities = ["pull", "resolve"]
`,
		"broken.test/ca.crt":  "hello",
		"_default/hosts.toml": `[host."https://all.test"]`,
	})
	registries, unread := daemonRegistries(&hosts.Machine{Dirs: []hosts.Directory{{Path: root}}})
	got, err := daemon.RegistryTables(registries)
	const want = `[registry]
[registry.'docker.io']
mirrors = ['harbor.test/hub', 'plain.test:5000']
http = false

[registry.'harbor.test']
http = false
insecure = true

[registry.'plain.test:5000']
http = true
`
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
	if len(unread) != 1 || problem.As(unread[0]) == nil {
		t.Errorf("unread: %v", unread)
	}
}

// TestAttackSettingsInTheRepository: a directory of the application's repository says nothing of registries, also where a variable
// of a workflow, which is in the same repository, names it.
func TestAttackSettingsInTheRepository(t *testing.T) {
	root := t.TempDir()
	writeFiles(t, root, map[string]string{"certs.d/plain.test/hosts.toml": `server = "http://plain.test"`})
	for _, named := range []string{filepath.Join(root, "certs.d"), "certs.d", ""} {
		_, env := Start(t.Context(), Process{Dir: root, Environ: []string{"ASTRAGO_CERTS_D=" + named}}, Command{Name: report.CommandRelease}, Flags{})
		env.Project.Root = root
		if env.Clients.Machine().SpeaksHTTP("plain.test") {
			t.Errorf("%q: HTTP", named)
		}
		if named != "" {
			_, err := env.Clients.Registry().Resolve(t.Context(), refs.Image("plain.test/acme/shop:1"))
			if p := problem.As(err); p == nil || p.ExitStatus() != problem.Usage {
				t.Errorf("%q: %v", named, err)
			}
		}
		if _, err := env.Clients.ConnectOptions(nil); (err == nil) != (named == "") {
			t.Errorf("%q: %v", named, err)
		}
	}
}
