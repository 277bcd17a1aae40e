package hosts_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/hosts"
)

// TestTheFirstDirectoryCounts takes a registry's own directory before those for all, and a root before the next.
func TestTheFirstDirectoryCounts(t *testing.T) {
	const http = `server = "http://reg:5000"`
	first, _ := newMachine(t, map[string]string{"_default/hosts.toml": "[host.'https://mirror']\n", "both:1/hosts.toml": `server = "http://both:1"`})
	second, _ := newMachine(t, map[string]string{"reg_5000_/hosts.toml": http, "reg:5000/hosts.toml": "server = 'https://reg:5000'", "both:1/hosts.toml": ""})
	m := &hosts.Machine{Dirs: append(first.Dirs, second.Dirs...)}
	for registry, want := range map[string]struct {
		scheme  string
		mirrors int
	}{"reg:5000": {"http", 0}, "both:1": {"http", 0}, "else:1": {"https", 1}} {
		if r := lookup(t, m, registry); r.Endpoint.Scheme != want.scheme || len(r.Mirrors) != want.mirrors {
			t.Errorf("%s: %+v", registry, r)
		}
	}
}

func TestDirectories(t *testing.T) {
	dir := t.TempDir()
	if all := hosts.New("", "").Dirs; len(all) != 2 || all[0].Path != "/etc/containerd/certs.d" || all[0].Wanted {
		t.Errorf("%+v", all)
	}
	if all := hosts.New(dir+"/", "").Dirs; len(all) != 3 || all[0] != (hosts.Directory{Path: dir, Wanted: true}) {
		t.Errorf("%+v", all)
	}
	m := hosts.New("certs.d", "")
	if _, err := m.Lookup("ghcr.io"); problem.As(err) == nil || !errors.Is(err, m.Err()) || m.SpeaksHTTP("127.0.0.1") {
		t.Errorf("a relative path: %v", err)
	}
}

// TestLinksAreFollowed as Kubernetes mounts files, but not to nowhere, and not into the application's repository.
func TestLinksAreFollowed(t *testing.T) {
	ca, _, _ := identity(t)
	link := func(target, name string) {
		t.Helper()
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	m, root := newMachine(t, map[string]string{"mounted/..data/ca.crt": ca, "nowhere/x": "", "theirs/x": "", "file": ""})
	application := t.TempDir()
	m.Foreign = application
	if err := os.WriteFile(filepath.Join(application, "hosts.toml"), []byte("server = 'http://theirs'"), 0o600); err != nil {
		t.Fatal(err)
	}
	link("..data/ca.crt", filepath.Join(root, "mounted", "ca.crt"))
	link("missing", filepath.Join(root, "nowhere", "hosts.toml"))
	link(filepath.Join(application, "hosts.toml"), filepath.Join(root, "theirs", "hosts.toml"))
	link(application, filepath.Join(root, "whole"))
	link("missing", filepath.Join(root, "gone"))
	if r := lookup(t, m, "mounted"); r.Endpoint.TLS() == nil {
		t.Errorf("%+v", r)
	}
	for registry, want := range map[string]string{
		"nowhere": "leads nowhere", "gone": "leads nowhere", "theirs": "file of the application's repository", "whole": "file of the application's repository",
		"file": "not a directory",
	} {
		_, err := m.Lookup(registry)
		if p := problem.As(err); p == nil || !strings.Contains(p.Error(), want) {
			t.Errorf("%s: %v, want %q", registry, err, want)
		}
		if m.SpeaksHTTP(registry) {
			t.Errorf("%s: HTTP", registry)
		}
	}
}

// TestTheNamedDirectory must be there, and outside of the application's repository: a machine's own need not be there.
func TestTheNamedDirectory(t *testing.T) {
	dir := t.TempDir()
	file, inside := filepath.Join(dir, "file"), filepath.Join(dir, "inside")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Mkdir(inside, 0o755)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		dir: "", file: "not a directory", filepath.Join(dir, "missing"): "leads nowhere", inside: "file of the application's repository",
	} {
		_, err := hosts.New(path, inside).Lookup("ghcr.io")
		if (err == nil) != (want == "") || want != "" && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

// TestWhatThisUserMayNotRead is an error that says so.
func TestWhatThisUserMayNotRead(t *testing.T) {
	err := hosts.CannotRead("reg", "/etc/x", &fs.PathError{Op: "open", Path: "/etc/x", Err: fs.ErrPermission})
	if p := problem.As(err); p == nil || p.Remedy != "let this user read /etc/x" || strings.Count(p.Error(), "/etc/x") != 2 {
		t.Errorf("%v", err)
	}
}

// TestAttackNameOfAnotherDirectory has hosts that a redirect may name and no image can: none leads to a directory that is not for it.
func TestAttackNameOfAnotherDirectory(t *testing.T) {
	const theirs = "server = 'http://theirs'"
	_, root := newMachine(t, map[string]string{"hosts.toml": theirs, "evil/hosts.toml": theirs, "certs.d/hosts.toml": theirs, "certs.d/_default/x": ""})
	m := &hosts.Machine{Dirs: []hosts.Directory{{Path: filepath.Join(root, "certs.d")}}}
	for _, host := range []string{"..", ".", "../evil", `..\evil`, "[fe80::1%/../../evil]/../evil", "x/../..", ""} {
		if r := lookup(t, m, host); r.Dir != filepath.Join(root, "certs.d", "_default") {
			t.Errorf("%q has %s", host, r.Dir)
		}
	}
}
