//go:build linux

package targets_test

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/collector"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

// TestNoSecretOfAnApp looks for the key, for what was signed with it and for tokens of both forms: in the arguments and the
// environment of every git, in what a command of the application sees, and in all that a run leaves.
func TestNoSecretOfAnApp(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"short", "long"} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			a := newWorld(t).awaited("frontend")
			app := a.deploysAsApp(everything)
			keyFile := filepath.Join(t.TempDir(), "app.pem")
			if form == "long" {
				a.github.Apps().UseLongTokens()
				a.must(os.WriteFile(keyFile, []byte(app.Key), 0o600))
				a.env = append(a.env, "DEPLOY_APP_KEY="+keyFile)
			}
			sent := a.recordTokens()
			left := a.leaveEverything()
			secrets := append(sent(), keyLines(app)...)
			for _, secret := range secrets {
				for _, shown := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))} {
					for _, dir := range []string{a.dir, left} {
						searchFor(t, dir, "a secret of the App", shown)
					}
				}
			}
			if form == "long" && !slices.ContainsFunc(secrets, func(s string) bool { return strings.HasPrefix(s, "ghs_") && len(s) > 500 }) {
				t.Error("no token was long")
			}
		})
	}
}

// keyLines are the lines that a key does not share with others.
func keyLines(app githubtest.App) []string {
	lines := strings.Split(strings.TrimSpace(app.Key), "\n")
	return lines[1 : len(lines)-1]
}

// recordTokens returns what lists the tokens that GitHub has seen, and of each that is signed its signature: at least one of an App
// and one of its installation.
func (w *world) recordTokens() func() []string {
	seen := map[string]bool{}
	w.github.Intercept(func(e github.Exchange) *github.Action {
		if e.Token != "" {
			seen[e.Token] = true
		}
		return nil
	})
	return func() (all []string) {
		w.t.Helper()
		signed, installed := 0, 0
		for token := range seen {
			if strings.HasPrefix(token, "ghs_") {
				installed++
			} else {
				signed++
			}
			all = append(all, token)
			if dot := strings.LastIndex(token, "."); dot >= 0 {
				all = append(all, token[dot+1:])
			}
		}
		if signed == 0 || installed == 0 {
			w.t.Errorf("GitHub saw %d signed tokens and %d of an installation", signed, installed)
		}
		return all
	}
}

// leaveEverything releases with everything that writes something down, and tries what fails, and returns where that is.
func (a *awaited) leaveEverything() (left string) {
	a.t.Helper()
	left = a.t.TempDir()
	traces, err := collector.Start(a.t.Context())
	a.must(err)
	a.t.Cleanup(traces.Close)
	bin := filepath.Join(a.t.TempDir(), "bin")
	a.must(os.MkdirAll(bin, 0o755))
	program, err := exec.LookPath("git")
	a.must(err)
	shim := "#!/bin/sh\nprintf '%s\\n' git \"$@\" >>" + left + "/children\nenv >>" + left + "/children\nexec " + program + " \"$@\"\n"
	a.must(os.WriteFile(filepath.Join(bin, "git"), []byte(shim), 0o755)) //nolint:gosec // to be run
	a.replace("astrago.yaml", "service: frontend", "service: frontend\nprepare: ['. ./look.sh']")
	a.write("look.sh", "env; for p in /proc/[0-9]*; do tr '\\0' '\\n' <$p/cmdline; done >>"+left+"/arguments\n"+
		"tr '\\0' '\\n' </proc/$PPID/environ >>"+left+"/environment\nexit 0\n")
	a.commit("look around")
	a.env = append(a.env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "XDG_CACHE_HOME="+left, "LOG_FORMAT=json",
		"GITHUB_STEP_SUMMARY="+filepath.Join(left, "summary"), "GITHUB_OUTPUT="+filepath.Join(left, "output"),
		"OTEL_EXPORTER_OTLP_ENDPOINT="+traces.URL())
	for name, args := range map[string][]string{
		"vars": {"vars"}, "plan": {"plan"}, "doctor": {"doctor"}, "release": {"release", "-vv"}, "status": {"status", "-json"},
		"refused": {"promote", "-env=stage"},
	} {
		r := a.run(args...)
		a.must(os.WriteFile(filepath.Join(left, name), []byte(r.stdout+r.stderr), 0o600))
		if name == "release" && r.code != 0 {
			a.t.Errorf("mage release ended with %d\n%s", r.code, r.stderr)
		}
	}
	a.must(os.WriteFile(filepath.Join(left, "traces"), []byte(traces.Raw()), 0o600))
	history, err := exec.CommandContext(a.t.Context(), "git", "-C", a.bare, "log", "-p", "--format=fuller").CombinedOutput()
	a.must(err)
	a.must(os.WriteFile(filepath.Join(left, "history"), history, 0o600))
	for _, name := range []string{"children", "arguments", "environment", "traces"} {
		if text := readFile(a.t, filepath.Join(left, name)); len(text) < 100 {
			a.t.Errorf("%s has only %q", name, text)
		}
	}
	return left
}
