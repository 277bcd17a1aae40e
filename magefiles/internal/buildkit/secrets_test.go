package buildkit_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

func TestSecretsReachStepsAndNothingElse(t *testing.T) {
	const fromEnv, fromFile = "s3cret-from-the-environment", "s3cret-from-a-file"
	r := newRepository(t)
	r.write("token.txt", fromFile)
	r.write(".dockerignore", "token.txt\n")
	img := r.component("core", base+"RUN --mount=type=secret,id=npm --mount=type=secret,id=maven cat /run/secrets/npm /run/secrets/maven && exit 4\n")
	img.Secrets = []config.Secret{{ID: "npm", Env: "NPM_TOKEN"}, {ID: "maven", File: "token.txt"}}
	r.opts.LookupEnv = func(name string) (string, bool) { return fromEnv, name == "NPM_TOKEN" }
	_, err := r.run()
	if err == nil || !strings.Contains(err.Error(), "***") {
		t.Fatalf("the step has not printed both secrets, masked: %v", err)
	}
	if err := os.Remove(filepath.Join(r.root, "token.txt")); err != nil {
		t.Fatal(err)
	}
	everything := []string{err.Error(), r.output.String()}
	err = filepath.WalkDir(filepath.Join(r.root, ".astrago"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			everything = append(everything, read(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range everything {
		if strings.Contains(text, fromEnv) || strings.Contains(text, fromFile) {
			t.Errorf("a secret shows in:\n%s", text)
		}
	}
}

func TestMissingSecretIsKnownBeforeBuilding(t *testing.T) {
	for _, tc := range []struct {
		secret          config.Secret
		message, remedy string
	}{
		{config.Secret{ID: "npm", Env: "NPM_TOKEN"}, "environment variable NPM_TOKEN is not set", "set NPM_TOKEN"},
		{config.Secret{ID: "npm", File: "token.txt"}, `file "token.txt" does not exist`, "create token.txt"},
	} {
		r := newRepository(t)
		r.component("core", base).Secrets = []config.Secret{tc.secret}
		_, err := r.run()
		p := problem.As(err)
		if p == nil || !strings.Contains(p.Err.Error(), tc.message) || !strings.Contains(p.Remedy, tc.remedy) {
			t.Errorf("got %v, want %q and the remedy %q", err, tc.message, tc.remedy)
		}
		if r.output.Len() > 0 {
			t.Errorf("something was built:\n%s", r.output.String())
		}
	}
}
