package attachable

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/problemtest"
)

// privateKey is a key without passphrase.
func privateKey(t *testing.T) []byte {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: data})
}

// TestKeysAreOpenedOrNamed: of the component and of what it needs; one that cannot be had, or that two mean differently, is a problem.
func TestKeysAreOpenedOrNamed(t *testing.T) {
	root := write(t, map[string][]byte{"key": privateKey(t), "other": privateKey(t), "broken": []byte("no key\n")})
	ssh := func(path string) []config.SSH { return []config.SSH{{ID: "git", Path: path}} }
	for name, test := range map[string]struct {
		own, needed []config.SSH
		agent       string
		none        bool
		problem     string
	}{
		"none":                  {none: true},
		"a key":                 {own: ssh("key")},
		"an absolute path":      {own: ssh(filepath.Join(root, "key"))},
		"of what is needed":     {needed: ssh("key")},
		"twice the same":        {own: ssh("key"), needed: ssh(filepath.Join(root, "key"))},
		"two keys":              {own: ssh("key"), needed: ssh("other"), problem: `another one in "core"`},
		"missing":               {own: ssh("none"), problem: "does not exist"},
		"missing in the needed": {needed: ssh("none"), problem: `of component "base"`},
		"no key":                {own: ssh("broken"), problem: "no key found"},
		"no agent":              {own: ssh(""), problem: "SSH_AUTH_SOCK is not set"},
		"an agent that is gone": {own: ssh(""), agent: "/nowhere/agent", problem: `"/nowhere/agent" does not exist`},
	} {
		image := plan.Image{Component: "core", SSH: test.own, Needs: []plan.Image{{Component: "base", SSH: test.needed}}}
		lookup := environment()
		if test.agent != "" {
			lookup = environment(agentVariable, test.agent)
		}
		got, err := OpenSSH(image, root, lookup)
		if test.problem != "" {
			problemtest.Want(t, err, 2, "", test.problem)
			continue
		}
		if err != nil || (got == nil) != test.none {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
