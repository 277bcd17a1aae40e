package targets_test

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoSecretAnywhere releases with tokens in every variable, then searches every byte that the run left: its output,
// the summary, the images, the logs, the caches, and the deployment repository's history.
func TestNoSecretAnywhere(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	const npm = "npm-secret-value-1234"
	left := t.TempDir()
	a.env = []string{"NPM_TOKEN=" + npm, "GITHUB_TOKEN=github-" + npm, "ARGOCD_AUTH_TOKEN=argocd-" + npm, "GITHUB_STEP_SUMMARY=" + filepath.Join(left, "summary"), "GITHUB_OUTPUT=" + filepath.Join(left, "output"), "XDG_CACHE_HOME=" + left}
	a.replace("astrago.yaml", "frontend: { args", "frontend: { secrets: [{ id: npm, env: NPM_TOKEN }], args")
	a.replace("Dockerfile", "RUN write /dist", "RUN --mount=type=secret,id=npm cat /run/secrets/npm\nRUN write /dist")
	a.write("astrago.yaml", strings.ReplaceAll(readFile(t, filepath.Join(a.dir, "astrago.yaml")), "service: frontend", "service: frontend\nprepare: ['echo token $NPM_TOKEN, $GHCR_TOKEN, $DEPLOY_TOKEN$GITHUB_TOKEN$ARGOCD_AUTH_TOKEN.']"))
	a.commit("use a secret")
	result := a.succeed("release")
	if !strings.Contains(result.stderr, "token ***, , .") {
		t.Errorf("the prepare command sees the release's tokens, or its own is not masked:\n%s", result.stderr)
	}
	a.write("left-stdout", result.stdout)
	a.write("left-stderr", result.stderr)
	a.succeed("hold", "-reason=somebody wrote "+npm)
	bundle := filepath.Join(left, "deployment.txt")
	out, err := exec.CommandContext(t.Context(), "git", "-C", a.bare, "log", "-p", "--format=fuller").CombinedOutput()
	a.must(err)
	a.must(os.WriteFile(bundle, out, 0o600))
	for name, secret := range map[string]string{"GHCR_TOKEN": a.registryToken, "DEPLOY_TOKEN": a.deployToken, "NPM_TOKEN": npm} {
		for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte("dev:" + secret)), base64.StdEncoding.EncodeToString([]byte(secret))} {
			for _, dir := range []string{a.dir, left} {
				searchFor(t, dir, name, form)
			}
		}
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func searchFor(t *testing.T, dir, name, secret string) {
	t.Helper()
	searched := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		searched++
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(secret)) {
			t.Errorf("%s is in %s", name, path)
		}
		return err
	})
	if err != nil || searched == 0 {
		t.Errorf("searching %s: %d files, %v", dir, searched, err)
	}
}
