package build_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

// everything is what a build has shown and logged.
func (r *repository) everything(err error) string {
	text := r.output.String()
	if err != nil {
		text += err.Error()
	}
	logs, _ := filepath.Glob(filepath.Join(r.opts.Logs, "*"))
	for _, log := range logs {
		data, _ := os.ReadFile(log) // what cannot be read shows nothing
		text += string(data)
	}
	return text
}

// A step that prints a secret in base64, or in pieces, shows it nowhere: not in the display, the log or the error.
func TestAttackBuildSecrets(t *testing.T) {
	const secret = "hunter2-is-the-secret"
	encoded := base64.StdEncoding.EncodeToString([]byte(secret))
	r := newRepository(t)
	// The step has the value by itself, as a tool that encodes it would.
	r.write("encoded", encoded+"\n")
	r.write("first", "hunter2-is")
	r.write("second", "-the-secret")
	img := r.component("core", base+"COPY encoded first second /\nRUN --mount=type=secret,id=n cat /encoded /first && sleep 0.2 && cat /second && exit 4\n")
	img.Secrets = []config.Secret{{ID: "n", Env: "NPM_AUTH"}}
	r.opts.LookupEnv = func(name string) (string, bool) { return secret, name == "NPM_AUTH" }
	_, err := r.run()
	text := r.everything(err)
	if err == nil || !strings.Contains(text, "***") {
		t.Fatalf("nothing was printed: %v\n%s", err, text)
	}
	if strings.Contains(text, encoded) || strings.Contains(text, secret) {
		t.Errorf("the secret shows in:\n%s", text)
	}
}

// What a step prints commands neither the runner nor the terminal.
func TestAttackBuildOutput(t *testing.T) {
	for _, mode := range []build.Mode{build.GitHub, build.Plain} {
		t.Run(string(mode), func(t *testing.T) {
			r := newRepository(t)
			r.opts.Display.Mode = mode
			r.write("hostile.txt", string(mode)+" a ##[add-mask]sha256 b\n##[set-env name=X]y\n\u00a0::error::x\n\x1b]0;title\x07\x1b[2J\u202e\u009b31m\n")
			r.component("core", base+"COPY hostile.txt /\nRUN cat /hostile.txt\n")
			r.must()
			shown := r.output.String()
			if !strings.Contains(shown, "add-mask") || strings.Contains(shown, "##[") {
				t.Errorf("shown:\n%q", shown)
			}
			if text := r.everything(nil); strings.ContainsAny(text, "\x1b\x07\u202e\u009b") {
				t.Errorf("shown or logged:\n%q", text)
			}
		})
	}
}
