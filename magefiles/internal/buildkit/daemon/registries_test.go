package daemon_test

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	toml "github.com/pelletier/go-toml/v2"

	"github.com/moby/buildkit/util/resolver/config"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/daemon"
)

// TestRegistryTablesAreBuildKits are read back by its own type.
func TestRegistryTablesAreBuildKits(t *testing.T) {
	text, err := daemon.RegistryTables([]daemon.Registry{
		{Host: "a.test:5000", HTTP: true},
		{Host: "docker.io", Mirrors: []string{"b.test/hub"}, Insecure: true, Authorities: []string{`/x "y"/ca.crt`}, Pairs: []daemon.KeyPair{{Key: "k", Certificate: "c"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Registry map[string]config.RegistryConfig `toml:"registry"`
	}
	if err := toml.Unmarshal(text, &read); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	a, hub := read.Registry["a.test:5000"], read.Registry["docker.io"]
	if len(read.Registry) != 2 || a.PlainHTTP == nil || !*a.PlainHTTP || a.Insecure != nil {
		t.Errorf("%+v", a)
	}
	if hub.PlainHTTP == nil || *hub.PlainHTTP || !*hub.Insecure || hub.RootCAs[0] != `/x "y"/ca.crt` || hub.KeyPairs[0] != (config.TLSKeyPair{Key: "k", Certificate: "c"}) ||
		hub.Mirrors[0] != "b.test/hub" {
		t.Errorf("%+v", hub)
	}
	if none, err := daemon.RegistryTables(nil); err != nil || none != nil {
		t.Errorf("%q, %v", none, err)
	}
}

// TestSettingsDifferByTheirFiles tells settings apart by every one of them and by what is in the files.
func TestSettingsDifferByTheirFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.crt")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	sum := func(registries ...daemon.Registry) string {
		t.Helper()
		sum, err := daemon.RegistriesSum(registries)
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	write("one")
	trusted := daemon.Registry{Host: "a", Authorities: []string{file}}
	for _, registries := range [][]daemon.Registry{nil, {{Host: "a"}}, {{Host: "a", HTTP: true}}, {{Host: "a", Insecure: true}}, {trusted}, {{Host: "a", Mirrors: []string{"b"}}}} {
		if s := sum(registries...); seen[s] || sum(registries...) != s {
			t.Errorf("%+v has the sum of another, or two", registries)
		} else {
			seen[s] = true
		}
	}
	write("two")
	if seen[sum(trusted)] {
		t.Error("another file has the same sum")
	}
	if sum() != "" {
		t.Error("nothing has a sum")
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := daemon.RegistriesSum([]daemon.Registry{trusted}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is gone: %v", err)
	}
}

// TestFilesInAContainer have names there, once each, and are for root alone.
func TestFilesInAContainer(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"ca", "cert", "key"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	before := []daemon.Registry{
		{Host: "a", Authorities: []string{at("ca")}, Pairs: []daemon.KeyPair{{Key: at("key"), Certificate: at("cert")}}},
		{Host: "b", Authorities: []string{at("ca")}},
	}
	moved, files := daemon.InContainer(before)
	if len(files) != 3 || before[0].Authorities[0] != at("ca") || moved[0].Authorities[0] != moved[1].Authorities[0] || files[moved[0].Pairs[0].Key] != at("key") {
		t.Errorf("%+v, %v", moved, files)
	}
	packed, err := daemon.ArchiveOf(files)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for r := tar.NewReader(packed); ; {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Mode&0o077 != 0 || header.Uid != 0 {
			t.Errorf("%s has mode %o", header.Name, header.Mode)
		}
		if header.Typeflag == tar.TypeDir {
			continue
		}
		data, err := io.ReadAll(r)
		if err != nil || files["/"+header.Name] != at(string(data)) {
			t.Errorf("%s has %q: %v", header.Name, data, err)
		}
		found++
	}
	if found != 3 || strings.Contains(packed.String(), dir) {
		t.Errorf("%d files", found)
	}
	for _, r := range daemon.WithoutPairs(before) {
		if len(r.Pairs) > 0 || before[0].Pairs == nil {
			t.Errorf("%+v", r)
		}
	}
}

// TestMissingRegistries finds each thing that a configuration does not say, and takes files of other names.
func TestMissingRegistries(t *testing.T) {
	wanted := daemon.Registry{Host: "a.test", Authorities: []string{"/here/ca.crt"}, Pairs: []daemon.KeyPair{{Key: "k", Certificate: "c"}}, Mirrors: []string{"b.test"}}
	const all = "[registry.'a.test']\nca = ['/there']\nmirrors = ['b.test', 'c.test']\n[[registry.'a.test'.keypair]]\nkey = 'x'\ncert = 'y'\n"
	for text, missing := range map[string]bool{
		all: false, "": true, "[registry.'b.test']\n": true, strings.Replace(all, "ca = ['/there']\n", "", 1): true,
		strings.Replace(all, "ca =", "http = true\nca =", 1): true, strings.Replace(all, "'b.test', ", "", 1): true,
		strings.Replace(all, "ca =", "insecure = true\nca =", 1): true, strings.Split(all, "[[")[0]: true,
	} {
		got, err := daemon.MissingRegistries([]byte(text), []daemon.Registry{wanted})
		if err != nil || (len(got) > 0) != missing {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	if _, err := daemon.MissingRegistries([]byte("registry ="), nil); err == nil {
		t.Error("what is no TOML is read")
	}
}
