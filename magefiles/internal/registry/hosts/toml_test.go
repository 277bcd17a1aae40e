package hosts_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/containerd/v2/core/remotes/docker/config"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/hosts"
)

// TestHostsAgreeWithContainerd writes files of any servers with any capabilities, and holds what is read of them against what
// containerd reads: the first of its servers that is the registry and takes pushes is the registry, those before it are mirrors.
func TestHostsAgreeWithContainerd(t *testing.T) {
	const registry = "reg.example.com:5000"
	random := rand.New(rand.NewPCG(14, 1))
	own, replaced := 0, 0
	for range 400 {
		text := randomHosts(random, registry)
		m, root := newMachine(t, map[string]string{registry + "/hosts.toml": text})
		theirs, err := config.ConfigureHosts(t.Context(), config.HostOptions{HostDir: config.HostDirFromRoot(root)})(registry)
		if err != nil {
			t.Fatal(err)
		}
		ours := lookup(t, m, registry)
		at := slices.IndexFunc(theirs, func(h docker.RegistryHost) bool {
			return h.Host == registry && h.Capabilities.Has(docker.HostCapabilityPush)
		})
		if at < 0 {
			at = slices.IndexFunc(theirs, func(h docker.RegistryHost) bool { return h.Host == registry })
		}
		var mirrors []string
		for i, h := range theirs {
			if (at < 0 || i < at) && h.Capabilities.Has(docker.HostCapabilityPull) {
				mirrors = append(mirrors, h.Scheme+"://"+h.Host+h.Path)
			}
		}
		var got []string
		for _, mirror := range ours.Mirrors {
			got = append(got, mirror.Scheme+"://"+mirror.Host+mirror.Path)
		}
		if !slices.Equal(got, mirrors) {
			t.Fatalf("mirrors %q, containerd has %q, of\n%s", got, mirrors, text)
		}
		if at < 0 {
			replaced++
			if ours.Replaced == "" {
				t.Fatalf("the registry is not replaced by\n%s", text)
			}
			continue
		}
		own++
		if e := ours.Endpoint; e.Scheme != theirs[at].Scheme || e.Host != theirs[at].Host || e.Path != theirs[at].Path || ours.Replaced != "" {
			t.Fatalf("%+v, containerd has %+v, of\n%s", e, theirs[at], text)
		}
	}
	if own < 50 || replaced < 20 {
		t.Errorf("%d of the registry's own and %d replaced are too few to tell", own, replaced)
	}
}

func randomHosts(random *rand.Rand, registry string) string {
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	servers := []string{"https://" + registry, "http://" + registry, "https://mirror.example.com", "http://mirror.example.com:80/v2", "https://b.example.com/p"}
	capabilities := func() string {
		return pick("", "capabilities = ['pull', 'resolve']\n", "capabilities = ['pull', 'resolve', 'push']\n", "capabilities = ['resolve']\n")
	}
	var b strings.Builder
	if random.IntN(2) == 0 {
		fmt.Fprintf(&b, "server = '%s'\n", pick(servers...))
	}
	b.WriteString(capabilities())
	random.Shuffle(len(servers), func(i, j int) { servers[i], servers[j] = servers[j], servers[i] })
	for _, server := range servers[:random.IntN(4)] {
		fmt.Fprintf(&b, "[host.'%s']\n%s", server, capabilities())
		if random.IntN(3) == 0 {
			b.WriteString("override_path = true\n")
		}
		if random.IntN(3) == 0 {
			fmt.Fprintf(&b, "[host.'%s'.header]\nx-a = ['1', '2']\n", server)
		}
	}
	return b.String()
}

func TestHostsKeys(t *testing.T) {
	ca, certificate, key := identity(t)
	m, root := newMachine(t, map[string]string{
		"reg/hosts.toml": `
ca = ["ca.pem"]
client = [["a.cert", "a.key"], "both.pem"]
dial_timeout = "3s"
unknown_to_this_version = true
[header]
  x-token = "secret"
[host."https://mirror"]
  capabilities = ["pull", "resolve"]
  skip_verify = true
  client = "both.pem"
`, "reg/ca.pem": ca, "reg/a.cert": certificate, "reg/a.key": key, "reg/both.pem": certificate + key,
	})
	r, dir := lookup(t, m, "reg"), filepath.Join(root, "reg")
	e := r.Endpoint
	if e.Scheme != "https" || e.DialTimeout != 3*time.Second || e.Header.Get("X-Token") != "secret" || e.SkipVerify || len(e.TLS().Certificates) != 2 {
		t.Errorf("the registry is %+v", e)
	}
	both := filepath.Join(dir, "both.pem")
	if want := []hosts.Pair{{Certificate: filepath.Join(dir, "a.cert"), Key: filepath.Join(dir, "a.key")}, {Certificate: both, Key: both}}; !slices.Equal(e.Pairs, want) {
		t.Errorf("pairs %+v", e.Pairs)
	}
	if len(r.Mirrors) != 1 || !r.Mirrors[0].TLS().InsecureSkipVerify || r.Mirrors[0].TLS().RootCAs != nil || len(r.Mirrors[0].Pairs) != 1 {
		t.Errorf("mirrors %+v", r.Mirrors)
	}
}

// TestHostsThatCannotBeRead are errors that name the file, and no registry is spoken to by guess.
func TestHostsThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"server = ": "line 1",
		"[host.'https://a']\n[host.'https://a']\n":   "line 2",
		"server = 'ftp://reg'":                       "not the address of a registry",
		"server = 'https://'":                        "not the address of a registry",
		"[host.'https://a%zz']":                      "host",
		"server = 'reg'\ncapabilities = ['fly']":     `"fly"`,
		"ca = 1":                                     "ca: 1 is not text",
		"ca = 'missing.pem'":                         "missing.pem",
		"client = [['a', 'b', 'c']]":                 "no pair",
		"dial_timeout = 'soon'":                      "dial_timeout",
		"[header]\na = 1":                            `header "a"`,
		"server = 'http://reg'\nca = 'hosts.toml'":   "has no TLS",
		"ca = 'hosts.toml'":                          "no certificate in PEM",
		"host = { 'https://a' = { ca = 'x' } }":      "table of its own",
		"server = 'https://reg'\nskip_verify = 'no'": "line 2",
	} {
		m, root := newMachine(t, map[string]string{"reg/hosts.toml": text})
		_, err := m.Lookup("reg")
		p := problem.As(err)
		if p == nil || !strings.Contains(err.Error(), want) || !strings.Contains(p.Remedy, filepath.Join(root, "reg")) || p.ExitStatus() != problem.Usage {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
		if m.SpeaksHTTP("reg") {
			t.Errorf("%q: HTTP", text)
		}
	}
}

// FuzzHosts reads any file without a panic, and never takes HTTP for what none of its lines says.
func FuzzHosts(f *testing.F) {
	for _, seed := range []string{"server = 'http://reg'", "[host.'http://reg']", "host.'https://a'.ca = 'x'", "[[host]]", "host = 1", "# http", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "reg"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "reg", "hosts.toml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		m := &hosts.Machine{Dirs: []hosts.Directory{{Path: dir}}}
		r, err := m.Lookup("reg")
		if err == nil && r.Endpoint.Scheme == "http" && !strings.Contains(strings.ToLower(text), "http:") && !strings.Contains(text, "\\") {
			t.Errorf("HTTP by %q", text)
		}
	})
}
