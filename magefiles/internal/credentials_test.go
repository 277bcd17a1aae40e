package internal_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// credentials runs the script of the workflows.
func credentials(t *testing.T, dir string, env []string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join("..", "..", "scripts", "credentials"), args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "RUNNER_TEMP=" + dir, "GITHUB_ENV=" + filepath.Join(dir, "env")}, env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestRegistriesOfWorkflows: logins are in a docker configuration that only this user may read, their parts are masked, and nothing stays.
func TestRegistriesOfWorkflows(t *testing.T) {
	for name, test := range map[string]struct {
		secret string
		auths  map[string]string // by host
		masks  []string
		says   string // what it is refused with
	}{
		"none": {"", nil, nil, ""},
		"lines": {"\n# ours\nharbor.example.com:8443 robot$ci pa%ss\n  https://index.docker.io/v1/ kim s\\ecret{\n", map[string]string{
			"harbor.example.com:8443": "cm9ib3QkY2k6cGElc3M=", "https://index.docker.io/v1/": "a2ltOnNcZWNyZXR7",
		}, []string{"pa%25ss", "cm9ib3QkY2k6cGElc3M=", `s\ecret{`}, ""},
		"a docker configuration": {
			"\n {\"auths\": {\"ghcr.io\": {\"auth\" : \"a2ltOnNlY3JldA==\"}}}",
			map[string]string{"ghcr.io": "a2ltOnNlY3JldA=="},
			[]string{"a2ltOnNlY3JldA==", "secret"},
			"",
		},
		"tokens in it": {
			`{"auths":{"a.io":{"identitytoken":"id%1","registrytoken":"rt2"},"b.io":{"auth":"","username":"kim","password":"pw3"}}}`,
			map[string]string{"a.io": "", "b.io": ""},
			[]string{"id%251", "rt2", "pw3"},
			"",
		},
		"of Windows": {
			"\r\nghcr.io kim secret\r\n", map[string]string{"ghcr.io": "a2ltOnNlY3JldA=="}, []string{"secret", "a2ltOnNlY3JldA=="}, "",
		},
		"no password":   {"ghcr.io kim", nil, nil, "line 1 of REGISTRIES is not: host user password"},
		"four words":    {"\nghcr.io kim my secret", nil, nil, "line 2 of REGISTRIES is not"},
		"no host":       {`a"b kim secret`, nil, nil, "begins with no host"},
		"no host there": {"$(id) kim secret", nil, nil, "begins with no host"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			out, err := credentials(t, dir, []string{"REGISTRIES=" + test.secret}, "login")
			if (err != nil) != (test.says != "") || !strings.Contains(out, test.says) {
				t.Fatalf("it says %q, %v", out, err)
			}
			for _, mask := range test.masks {
				if !strings.Contains(out, "::add-mask::"+mask+"\n") {
					t.Errorf("%q is not masked: %q", mask, out)
				}
			}
			given, _ := os.ReadFile(filepath.Join(dir, "env"))
			if (len(given) > 0) != (test.auths != nil) {
				t.Errorf("later steps are given %q", given)
			}
			if test.auths == nil {
				return
			}
			path := filepath.Join(strings.TrimSpace(strings.TrimPrefix(string(given), "DOCKER_CONFIG=")), "config.json")
			data, err := os.ReadFile(path)
			var config struct {
				Auths map[string]struct{ Auth string }
			}
			if err != nil || json.Unmarshal(data, &config) != nil || len(config.Auths) != len(test.auths) {
				t.Fatalf("%v: %s", err, data)
			}
			for host, auth := range test.auths {
				if config.Auths[host].Auth != auth {
					t.Errorf("%s has %q, want %q", host, config.Auths[host].Auth, auth)
				}
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("others may read it: %v, %v", info.Mode(), err)
			}
			if out, err := credentials(t, dir, nil, "logout"); err != nil {
				t.Errorf("%v: %s", err, out)
			}
			if _, err := os.Stat(path); err == nil {
				t.Error("the logins stay")
			}
		})
	}
}

// TestBuildSecretsOfWorkflows: a command gets the variables by their names and not the secret that they are from, and none of those that a
// release or the runner reads.
func TestBuildSecretsOfWorkflows(t *testing.T) {
	show := []string{"run", "sh", "-c", `printf '[%s][%s][%s][%s]' "${NPM_TOKEN-}" "${KEY-}" "${ODD-}" "${BUILD_SECRETS-none}"`}
	for name, test := range map[string]struct{ secret, shown, says string }{
		"none":               {"", "[][][][none]", ""},
		"values":             {"# ours\n\nNPM_TOKEN=npm_$(id) `id`\nODD=a=b<<c", "[npm_$(id) `id`][][a=b<<c][none]", ""},
		"several lines":      {"KEY<<END\n-----BEGIN\n  x=y\nEND-----\nEND\nODD=1", "[][-----BEGIN\n  x=y\nEND-----][1][none]", ""},
		"of Windows":         {"KEY<<END\r\n-----BEGIN\r\nEND-----\r\nEND\r\nODD=1\r", "[][-----BEGIN\nEND-----][1][none]", ""},
		"no end":             {"KEY<<END\nx", "", "ends before the end of a value"},
		"no value":           {"NPM_TOKEN", "", "line 1 of BUILD_SECRETS is not: NAME=value"},
		"no name":            {"NPM-TOKEN=x", "", "begins with no name of a variable"},
		"a program":          {"PATH=/tmp", "", "sets a variable of the workflow or of the release"},
		"a library":          {"ODD=1\nLD_PRELOAD=/tmp/x.so", "", "line 2 of BUILD_SECRETS sets a variable"},
		"a release's token":  {"DEPLOY_TOKEN=x", "", "sets a variable of the workflow or of the release"},
		"a file of commands": {"GITHUB_ENV=/tmp/x", "", "sets a variable of the workflow or of the release"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := credentials(t, t.TempDir(), []string{"BUILD_SECRETS=" + test.secret}, show...)
			if (err != nil) != (test.says != "") || !strings.Contains(out, test.says) || !strings.HasSuffix(out, test.shown) {
				t.Errorf("it says %q, %v", out, err)
			}
			for _, value := range []string{"npm_$(id) `id`", "a=b<<c", "-----BEGIN", "END-----"} {
				if strings.Contains(test.secret, value) && !strings.Contains(out, "::add-mask::"+value+"\n") {
					t.Errorf("%q is not masked: %q", value, out)
				}
			}
		})
	}
}

// TestAttackMaskInTwoLines: the runner ends a command at a carriage return, so that what follows it in a secret would be a line of the log.
func TestAttackMaskInTwoLines(t *testing.T) {
	out, err := credentials(t, t.TempDir(), []string{"BUILD_SECRETS=KEY=first\rsecond"}, "run", "true")
	if err != nil || out != "::add-mask::first%0Dsecond\n" {
		t.Errorf("it says %q, %v", out, err)
	}
}
