package attachable

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/buildkit/session/secrets/secretsprovider"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/redact"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/problemtest"
)

// write makes files of a repository and returns its root.
func write(t *testing.T, files map[string][]byte) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(root, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// environment has the variables that are given, by name and value.
func environment(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for n := 0; n+1 < len(pairs); n += 2 {
			if pairs[n] == name {
				return pairs[n+1], true
			}
		}
		return "", false
	}
}

// TestSecretsAreReadOrNamed: of the component and of what it needs, to the byte; one that cannot be had, or that two mean differently,
// is a problem that quotes no value.
func TestSecretsAreReadOrNamed(t *testing.T) {
	const value = "s3cret\n"
	root := write(t, map[string][]byte{
		"file": []byte(value), "other": []byte("an0ther"), "empty": nil,
		"most": bytes.Repeat([]byte("a"), secretsprovider.MaxSecretSize), "more": bytes.Repeat([]byte("a"), secretsprovider.MaxSecretSize+1),
	})
	lookup := environment("SET", value, "EMPTY", "")
	file := func(name string) config.Secret { return config.Secret{ID: "id", File: name} }
	env := func(name string) config.Secret { return config.Secret{ID: "id", Env: name} }
	for name, test := range map[string]struct {
		own, needed []config.Secret
		lookup      func(string) (string, bool)
		want        string // the value, where there is no problem
		problem     string
	}{
		"a file":                {own: []config.Secret{file("file")}, want: value},
		"a variable":            {own: []config.Secret{env("SET")}, want: value},
		"of what is needed":     {needed: []config.Secret{file("file")}, want: value},
		"twice the same":        {own: []config.Secret{env("SET")}, needed: []config.Secret{file("file")}, want: value},
		"an empty file":         {own: []config.Secret{file("empty")}},
		"as much as it takes":   {own: []config.Secret{file("most")}, want: strings.Repeat("a", secretsprovider.MaxSecretSize)},
		"more than it takes":    {own: []config.Secret{file("more")}, problem: "bytes long"},
		"no file":               {own: []config.Secret{file("none")}, problem: `file "none" does not exist`},
		"a directory":           {own: []config.Secret{file(".")}, problem: "reading build secret"},
		"no variable":           {own: []config.Secret{env("UNSET")}, problem: "UNSET is not set"},
		"an empty variable":     {own: []config.Secret{env("EMPTY")}, problem: "EMPTY is not set"},
		"missing in the needed": {needed: []config.Secret{env("UNSET")}, problem: `of component "base"`},
		"two values":            {own: []config.Secret{file("file")}, needed: []config.Secret{file("other")}, problem: "another value"},
	} {
		image := plan.Image{Component: "core", Secrets: test.own, Needs: []plan.Image{{Component: "base", Secrets: test.needed}}}
		got, err := ReadSecrets(image, root, lookup)
		if test.problem != "" {
			problemtest.Want(t, err, 2, strings.TrimSpace(value), test.problem)
			continue
		}
		if err != nil || len(got) != 1 || string(got["id"]) != test.want {
			t.Errorf("%s: %d secrets, %v", name, len(got), err)
		}
	}
	if _, err := ReadSecrets(plan.Image{Secrets: []config.Secret{env("SET")}}, root, nil); err == nil {
		t.Error("a variable is set without an environment")
	}
}

// TestLearnedSecretsAreMasked, those that can be read, also where another one is missing, and of what is needed.
func TestLearnedSecretsAreMasked(t *testing.T) {
	root := write(t, map[string][]byte{"file": []byte("fr0m-a-file\n")})
	image := plan.Image{Component: "core", Secrets: []config.Secret{{ID: "a", Env: "UNSET"}, {ID: "b", File: "file"}}}
	image.Needs = []plan.Image{{Component: "base", Secrets: []config.Secret{{ID: "c", Env: "SET"}}}}
	before, built := redact.New(), redact.New()
	LearnSecrets(before, []plan.Image{image}, root, environment("SET", "fr0m-a-variable"))
	Learn(built, Secrets{"b": []byte("fr0m-a-file\n")}, nil, Secrets{"c": []byte("fr0m-a-variable")})
	for name, r := range map[string]*redact.Redactor{"before": before, "built": built} {
		if got := r.String("a fr0m-a-file and fr0m-a-variable."); got != "a *** and ***." {
			t.Errorf("%s: %s", name, got)
		}
	}
}
