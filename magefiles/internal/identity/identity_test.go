package identity_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/buildkitd"
)

// daemon is shared by the package's tests.
var daemon buildkitd.Daemon

var update = flag.Bool("update", false, "write testdata/keys.json")

func TestMain(m *testing.M) { os.Exit(daemon.Run(m)) }

// TestKeys holds the table in this process, where no daemon is asked.
func TestKeys(t *testing.T) {
	keys := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		v := table[name]
		if v.daemon {
			continue
		}
		t.Run(name, func(t *testing.T) { keys[name] = v.hold(t, (*scene).compute) })
	}
	golden(t, keys)
}

// TestKeysOfDaemons holds it by the answers of two daemons: all of the three are the same frontend.
func TestKeysOfDaemons(t *testing.T) {
	for daemonName, connection := range map[string]*buildkitd.Machine{"shared": {Connection: daemon.Connection(t)}, "other": buildkitd.Start(t)} {
		keys := map[string]string{}
		for _, name := range slices.Sorted(maps.Keys(table)) {
			t.Run(daemonName+"/"+name, func(t *testing.T) {
				key := table[name].hold(t, func(s *scene) identity.Fingerprint { return s.ask(connection.Client) })
				if !table[name].daemon {
					keys[name] = key
				}
			})
		}
		golden(t, keys)
	}
}

// hold checks a variant, and returns its key.
func (v variant) hold(t *testing.T, compute func(*scene) identity.Fingerprint) string {
	t.Helper()
	made := newScene(t)
	v.make(made)
	want := compute(made)
	if want.Key == "" {
		t.Fatalf("no key: %s", want.Unknown)
	}
	v.each(t, compute, v.same, func(what string, f identity.Fingerprint) {
		if f.Key != want.Key {
			t.Errorf("%s: another key (%s): %q", what, f.Unknown, identity.Explain(want.Tree, f.Tree))
		}
	})
	v.each(t, compute, v.other, func(what string, f identity.Fingerprint) {
		if f.Key == want.Key || f.Key == "" {
			t.Errorf("%s: the key %s (%s), want another", what, f.Key, f.Unknown)
		}
	})
	return want.Key
}

func (v variant) each(t *testing.T, compute func(*scene) identity.Fingerprint, steps map[string]func(*scene), check func(string, identity.Fingerprint)) {
	t.Helper()
	for _, what := range slices.Sorted(maps.Keys(steps)) {
		s := newScene(t)
		v.make(s)
		steps[what](s)
		check(what, compute(s))
	}
}

// golden compares keys with those of testdata: a key that changes builds every image of every application again, which the
// changelog must say.
func golden(t *testing.T, keys map[string]string) {
	t.Helper()
	path := filepath.Join("testdata", "keys.json")
	if *update {
		data, err := json.MarshalIndent(keys, "", "  ")
		if err == nil {
			err = os.WriteFile(path, append(data, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]string
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	for name := range want {
		if keys[name] != "" && keys[name] != want[name] {
			t.Errorf("%s has the key %s, want %s", name, keys[name], want[name])
		}
	}
	for name := range keys {
		if want[name] == "" {
			t.Errorf("%s has no golden key: run with -update", name)
		}
	}
}
