package buildkit_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/xiilab/astrago-ci/magefiles/internal/buildkit/progress"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// everything returns the output and the log of a build.
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
	for _, mode := range []progress.Mode{progress.GitHub, progress.Plain} {
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

// onBuildBase pushes a base image with ONBUILD instructions, and returns its reference.
func onBuildBase(t *testing.T, image v1.Image, instructions ...string) (ref string, account func(context.Context, string) (user, secret string, err error)) {
	t.Helper()
	server, account := startRegistry(t)
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	file = file.DeepCopy()
	file.Config.OnBuild = instructions
	if image, err = mutate.ConfigFile(image, file); err != nil {
		t.Fatal(err)
	}
	ref = server.Addr() + "/acme/trap:1"
	if _, err := registry.Push(t.Context(), ref, image, "robot", "push-s3cret"); err != nil {
		t.Fatal(err)
	}
	return ref, account
}

// A base image's ONBUILD gets no secret of the component, however it is spelt, unless the configuration says so.
func TestAttackOnBuild(t *testing.T) {
	const take = "--mount=type=secret,id=npm --mount=type=bind,source=.,target=/ctx cat /run/secrets/npm"
	secrets := []config.Secret{{ID: "npm", Env: "NPM_TOKEN"}, {ID: "GIT_AUTH_TOKEN", Env: "NPM_TOKEN"}}
	for name, test := range map[string]struct {
		instructions []string
		secrets      []config.Secret
		allowed      bool
		refused      bool
	}{
		"secret":            {[]string{"RUN " + take}, secrets, false, true},
		"allowed":           {[]string{"RUN " + take}, secrets, true, false},
		"without secret":    {[]string{"RUN " + strings.ReplaceAll(take, "cat", "true")}, nil, false, false},
		"without mounts":    {[]string{"RUN echo --mount=type=secret"}, secrets, false, false},
		"in quotes":         {[]string{"RUN " + strings.Replace(take, "--mount", `--m"oun"t`, 1)}, secrets, false, true},
		"escaped":           {[]string{"RUN " + strings.ReplaceAll(take, "--mount", `--mo\unt`)}, secrets, false, true},
		"over two lines":    {[]string{"RUN " + strings.ReplaceAll(take, "--mount", "--mo\\\nunt")}, secrets, false, true},
		"as a variable":     {[]string{"RUN --mount=type=secret,id=npm,env=NPM echo $NPM"}, secrets, false, true},
		"base of no files":  {[]string{"COPY toolbox /bin/sh", "ENV PATH=/bin", "RUN " + take}, secrets, false, true},
		"fetched by git":    {[]string{"ADD https://git.invalid/x.git /x"}, secrets, false, true},
		"fetched by HTTP":   {[]string{"ADD https://web.invalid/x /x"}, secrets, false, true},
		"what it has built": {[]string{"COPY toolbox /copied"}, secrets, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			image := baseImage(t)
			if name == "base of no files" {
				image = empty.Image
			}
			ref, account := onBuildBase(t, image, test.instructions...)
			r := newRepository(t)
			img := r.component("core", "FROM "+ref+"\n")
			img.Secrets, img.OnBuildMounts = test.secrets, test.allowed
			r.opts.Credentials = account
			r.opts.LookupEnv = func(string) (string, bool) { return "npm-s3cret", true }
			_, err := r.run()
			p := problem.As(err)
			refused := p != nil && p.Status == problem.Refused && strings.Contains(err.Error(), "] ONBUILD ")
			if refused != test.refused || !test.refused && err != nil {
				t.Errorf("got %v", err)
			}
			if test.refused && strings.Contains(r.everything(nil), "cat /run/secrets") {
				t.Errorf("the step has run:\n%s", r.everything(nil))
			}
		})
	}
}

// One repository's cache mount is not another's, and what is proposed has its own. No key tells of it.
func TestAttackCacheMount(t *testing.T) {
	const step = "RUN --mount=type=cache,id=shared-by-name,target=/cache "
	id := rand.Text()
	poison := newRepository(t)
	poison.opts.CacheNamespace = "evil" + id
	poison.component("core", base+step+"write /cache/"+id+" poisoned\n")
	poison.must()
	for name, test := range map[string]struct {
		namespace, argument string
		found               bool
	}{
		"its own":                  {"evil" + id, "", true},
		"another's":                {"shop" + id, "", false},
		"another's, by argument":   {"shop" + id, "evil" + id, false},
		"its own, divided further": {"evil" + id, "unit-tests", false},
	} {
		r := newRepository(t)
		r.opts.CacheNamespace = test.namespace
		img := r.component("core", base+step+"echo "+strings.ReplaceAll(name, "'", "")+" && cat /cache/"+id+"\n") // equal steps are not run twice
		if test.argument != "" {
			img.Args = map[string]string{"BUILDKIT_CACHE_MOUNT_NS": test.argument}
		}
		if _, err := r.run(); (err == nil) != test.found {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whose cache a step sees is no part of what an image is made of: the key is that of the check before the build, which knows
// no namespace.
func TestCacheNamespaceIsNoPartOfTheKey(t *testing.T) {
	keys := map[string]bool{}
	for _, namespace := range []string{"", "one", "two"} {
		r := newRepository(t)
		r.opts.CacheNamespace = namespace
		r.component("core", base+"RUN --mount=type=cache,target=/cache --mount=type=cache,id=x,target=/named true\n")
		r.plan.Images[0].Platforms = []string{"linux/" + runtime.GOARCH}
		r.check()
		keys[r.opts.Fingerprints["core"].Key] = true
		for _, image := range r.must() {
			keys[image.Fingerprint.Key] = true
		}
	}
	if len(keys) != 1 || keys[""] {
		t.Errorf("keys %v", keys)
	}
}

// Links that a build step of before has left in the output directory lead a build nowhere.
func TestAttackLinksInTheOutput(t *testing.T) {
	for name, link := range map[string]func(r *repository) string{
		"directory": func(r *repository) string { return filepath.Dir(r.opts.Logs) },
		"logs":      func(r *repository) string { return r.opts.Logs },
		"log":       func(r *repository) string { return filepath.Join(r.opts.Logs, "core.log") },
	} {
		t.Run(name, func(t *testing.T) {
			r, victim := newRepository(t), t.TempDir()
			place, target := link(r), victim
			if name == "log" {
				target = filepath.Join(victim, "file")
				if err := os.WriteFile(target, []byte("precious"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(os.MkdirAll(filepath.Dir(place), 0o755), os.Symlink(target, place)); err != nil {
				t.Fatal(err)
			}
			r.component("core", base+"RUN true\n")
			_, err := r.run()
			if err == nil || !strings.Contains(err.Error(), "symbolic link") {
				t.Errorf("got %v", err)
			}
			entries, _ := os.ReadDir(victim)
			if name == "log" {
				data, _ := os.ReadFile(target)
				if string(data) != "precious" {
					t.Errorf("the file that the link leads to holds %q", data)
				}
			} else if len(entries) > 0 {
				t.Errorf("behind the link there is %v", entries)
			}
		})
	}
}
