package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// pushed is a run whose report names one image, as `mage push` leaves it.
func pushed(t *testing.T, f Flags, environ ...string) (env *Env, stdout *bytes.Buffer, outputs string) {
	t.Helper()
	stdout, outputs = &bytes.Buffer{}, filepath.Join(t.TempDir(), "output")
	environ = append(environ, "GITHUB_OUTPUT="+outputs)
	_, env = Start(t.Context(), Process{Environ: environ, Stdout: stdout, Stderr: io.Discard}, Command{Name: report.CommandPush}, f)
	env.Report.Images = []report.Image{{Component: "core", Ref: refs.Image("ghcr.io/acme/x:core-stage-79d9c5d7"), Digest: refs.Digest("ab")}}
	return env, stdout, outputs
}

func publish(t *testing.T, env *Env, outputs string) (string, error) {
	t.Helper()
	w := reportWriter{env}
	result := w.printLines
	if env.Flags.JSON {
		result = w.printReport
	}
	if err := result(); err != nil {
		return "", err
	}
	err := w.writeOutputs()
	data, _ := os.ReadFile(outputs) // missing where nothing was written
	return string(data), err
}

// A variable whose name looks like a secret's does not change what programs read: the next job would deploy another name.
func TestAttackGuessedSecretInMachineOutput(t *testing.T) {
	for name, o := range map[string]Flags{"lines": {}, "json": {JSON: true}} {
		t.Run(name, func(t *testing.T) {
			env, stdout, outputs := pushed(t, o, "PRODUCTION_SECRET=core-stage")
			file, err := publish(t, env, outputs)
			if err != nil {
				t.Fatal(err)
			}
			for place, text := range map[string]string{"standard output": stdout.String(), "GITHUB_OUTPUT": file} {
				if !strings.Contains(text, "core-stage-79d9c5d7") || strings.Contains(text, "***") {
					t.Errorf("%s: %s", place, text)
				}
			}
			if got := env.Redact.String("core-stage"); got != "***" {
				t.Errorf("people see %q", got)
			}
		})
	}
}

// What would hold a secret fails, and writes nothing.
func TestAttackSecretInMachineOutput(t *testing.T) {
	for name, o := range map[string]Flags{"lines": {}, "json": {JSON: true}} {
		t.Run(name, func(t *testing.T) {
			env, stdout, outputs := pushed(t, o, "DEPLOY_TOKEN=core-stage-79d9")
			file, err := publish(t, env, outputs)
			if err == nil || !strings.Contains(err.Error(), "would hold the value of a secret") {
				t.Errorf("error %v", err)
			}
			if stdout.Len() > 0 || file != "" {
				t.Errorf("written: %q, %q", stdout, file)
			}
		})
	}
}

// GHCR_TOKEN is for one registry, whatever repositories astrago.yaml of a commit names.
func TestAttackRegistryTokenForAnotherHost(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	for host, own := range map[string]string{"": "ghcr.io", "registry.example.com:5000": "registry.example.com:5000", "https://harbor.example.com/": "harbor.example.com"} {
		_, env := Start(t.Context(), Process{
			Environ: []string{"GHCR_TOKEN=ghp_meant_for_one", "GHCR_HOST=" + host, "DOCKER_CONFIG=" + t.TempDir()}, Stdout: io.Discard, Stderr: io.Discard,
		}, Command{Name: report.CommandPush}, Flags{})
		env.Project.Config = &config.Config{Components: []config.Component{{Name: "core", Image: refs.Repository("evil.example.com/x")}}}
		for _, at := range []string{"evil.example.com", "localhost:18102", "docker.io", own} {
			_, secret, err := env.Clients.Keychain().Credentials(t.Context(), at)
			if err != nil || (secret != "") != (at == own) {
				t.Errorf("GHCR_HOST=%s: %s gets %q, %v", host, at, secret, err)
			}
		}
	}
}

// In a workflow ARGOCD_AUTH_TOKEN goes to ARGOCD_SERVER, not to a server that astrago.yaml of a commit names.
func TestAttackArgoCDTokenForAnotherServer(t *testing.T) {
	const token = "ARGOCD_AUTH_TOKEN=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.b3RoZXI"
	for name, test := range map[string]struct {
		environ []string
		refused bool
	}{
		"in a workflow":                        {[]string{token, "GITHUB_ACTIONS=true"}, true},
		"in a workflow, beside its address":    {[]string{token, "GITHUB_ACTIONS=true", "ARGOCD_SERVER=argocd.example.com"}, false},
		"on a laptop":                          {[]string{token}, false},
		"in a workflow without a token at all": {[]string{"GITHUB_ACTIONS=true"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, env := Start(t.Context(), Process{Environ: test.environ, Stdout: io.Discard, Stderr: io.Discard}, Command{Name: report.CommandWait}, Flags{})
			_, _, err := env.Clients.ArgoCD(config.ArgoCD{Server: "https://evil.example.com"})
			p := problem.As(err)
			if test.refused != (p != nil && p.Status == problem.Refused && strings.Contains(err.Error(), "evil.example.com")) {
				t.Errorf("got %v", err)
			}
		})
	}
}
