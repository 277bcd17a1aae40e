package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// environments parses a configuration whose environments have the given branches, written as YAML lists.
func environments(t *testing.T, branches ...string) *config.Config {
	t.Helper()
	var b strings.Builder
	b.WriteString("version: 1\nservice: shop\nimage: ghcr.io/acme/shop\ncomponents: { web: {} }\nenvironments:\n")
	for i, list := range branches {
		fmt.Fprintf(&b, "  env%d:\n", i)
		if list != "" {
			fmt.Fprintf(&b, "    branches: %s\n", list)
		}
		b.WriteString("    deploy: { repository: a/b, branch: main, file: v.yaml, set: '.tag = \"{{ .Tag }}\"' }\n")
	}
	cfg, err := config.Parse("astrago.yaml", []byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestEnvironmentByGlob(t *testing.T) {
	for _, test := range []struct {
		glob, branch string
		match        bool
	}{
		{"main", "main", true},
		{"main", "main2", false},
		{"main", "xmain", false},
		{"release/*", "release/1.0", true},
		{"release/*", "release/1.0/hotfix", false},
		{"release/*", "release/", true}, // path.Match says so too; git has no such branch
		{"release/**", "release/1.0/hotfix", true},
		{"release/**", "release", false},
		{"**", "a/b/c", true},
		{"*", "a/b", false},
		{"**/fix", "a/b/fix", true},
		{"v?.?", "v1.0", true},
		{"v?.?", "v1/0", false},
		{"v1.0", "v1x0", false},
		{"v[0-9]", "v7", true},
		{"v[0-9]", "vx", false},
		{"v[^0-9]", "vx", true},
		{"v[^0-9]", "v/", false},
		{"x[.]y", "x.y", true},
		{"x[.]y", "xzy", false},
		{"feature/한글-*", "feature/한글-1", true},
		{"a+b", "a+b", true},
		{"a+b", "aab", false},
	} {
		_, err := environments(t, fmt.Sprintf("[%q]", test.glob)).Environment("", test.branch)
		if (err == nil) != test.match {
			t.Errorf("glob %q, branch %q: got error %v, want a match: %t", test.glob, test.branch, err, test.match)
		}
	}
}

func TestEnvironmentByName(t *testing.T) {
	cfg := environments(t, "[main]", "")
	environment, err := cfg.Environment("env1", "main")
	if err != nil || environment.Name != "env1" {
		t.Errorf("-env=env1 gives %v, error %v", environment, err)
	}
}

func TestEnvironmentIsChosenByBranch(t *testing.T) {
	environment, err := environments(t, "[main]", "['release/*', develop]", "").Environment("", "develop")
	if err != nil || environment.Name != "env1" {
		t.Errorf("got %v, error %v", environment, err)
	}
}

func TestEnvironmentExplainsWhatItCannotChoose(t *testing.T) {
	const list = "  → name the environment: -env=env0 or -env=env1 or -env=env2\n" +
		"  → env0 takes branches main, release/*\n  → env1 takes branches release/1.0\n  → env2 takes no branch, only by -env"
	for _, test := range []struct{ name, branch, want string }{
		{"", "feature/x", "astrago.yaml: choosing the environment: branch \"feature/x\" deploys nowhere\n" + list},
		{"", "", "astrago.yaml: choosing the environment: the commit is on no branch\n" + list},
		{"", "release/1.0", `astrago.yaml:9:3: choosing the environment: branch "release/1.0" deploys to several: "env0" (astrago.yaml:6:3) by "release/*" and "env1" (astrago.yaml:9:3) by "release/1.0"
    7 |     branches: [main, 'release/*']
    8 |     deploy: { repository: a/b, branch: main, file: v.yaml, set: '.tag = "{{ .Tag }}"' }
  > 9 |   env1:
      |   ^
  → name the environment: -env=env0 or -env=env1
  → or make the branches of one of them narrower`},
		{"env", "main", "astrago.yaml: choosing the environment: there is no environment \"env\"\n  → did you mean `env0`?"},
		{"production", "main", "astrago.yaml: choosing the environment: there is no environment \"production\"\n  → environments: env0, env1, env2"},
	} {
		_, err := environments(t, "[main, 'release/*']", "release/1.0", "").Environment(test.name, test.branch)
		if p := problem.As(err); p == nil || p.ExitStatus() != problem.Usage || err.Error() != test.want {
			t.Errorf("-env=%s on %q: got\n%v\nwant\n%s", test.name, test.branch, err, test.want)
		}
	}
}

func TestPlaceOfAConfigThatWasNotParsed(t *testing.T) {
	cfg := &config.Config{Path: "astrago.yaml"}
	if got := cfg.Place(3, 4); got != (problem.Place{File: "astrago.yaml", Line: 3, Column: 4}) {
		t.Errorf("got %+v", got)
	}
}
