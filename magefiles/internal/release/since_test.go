package release

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

const sinceConfig = `version: 1
service: shop
image: ghcr.io/acme/shop
components:
  core: { dockerfile: docker/Dockerfile, inputs: [src] }
  batch: { dockerfile: docker/Dockerfile, inputs: [batch] }
environments:
  stage: { branches: [main], deploy: { repository: acme/deploy, branch: main, file: a.yaml, set: '.{{ .Component }}.tag = "{{ .Tag }}"' } }
`

func TestNegativeParallelIsRefused(t *testing.T) {
	_, s := newSession(t.Context(), report.CommandBuild, Process{Dir: t.TempDir(), Stderr: &bytes.Buffer{}}, Options{Parallel: -1})
	if p := problem.As(s.open(t.Context())); p == nil || p.ExitStatus() != problem.Usage || !strings.Contains(p.Error(), "-parallel: -1") {
		t.Errorf("got %v", p)
	}
}

// A change of the configuration changes the components that it is about, whether or not the file is among their inputs.
func TestChangedSinceSeesTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=dev", "-c", "user.email=dev@example.com"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q", "-b", "main")
	commit := func(name, content string) {
		t.Helper()
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		git("add", ".")
		git("commit", "-q", "-m", name)
	}
	dockerfile := "FROM a:1 AS build\nFROM scratch\nCOPY src /\n"
	commit("docker/Dockerfile", dockerfile)
	commit("src/main", "main")
	commit("astrago.yaml", "version: 0\n")
	for _, step := range []struct{ name, content, want string }{
		{"astrago.yaml", sinceConfig, "core batch"}, // nobody knows what the version before meant
		{"docs/a.md", "nothing that counts", ""},
		{"src/main", "changed", "core"},
		{"astrago.yaml", strings.Replace(sinceConfig, "[batch] }", "[batch], args: { JDK: '21' } }", 1), "batch"},
		{"astrago.yaml", strings.Replace(sinceConfig, "[batch] }", "[batch], target: build }", 1), "batch"},
		{"astrago.yaml", strings.Replace(sinceConfig, "[batch] }", "[batch], platforms: [linux/arm64] }", 1), "batch"},
		{"astrago.yaml", strings.Replace(sinceConfig, "service:", "prepare: [make]\nservice:", 1), "core batch"},
		{"astrago.yaml", strings.Replace(sinceConfig, "core:", "web: { dockerfile: docker/Dockerfile, inputs: [web] }\n  core:", 1), "web core batch"},
		{"docker/Dockerfile.dockerignore", "src/doc\n", "web core batch"},
		{"docker/Dockerfile", dockerfile + "ENV A=b\n", "web core batch"},
		{"docs/a.md", "still nothing", ""},
	} {
		commit(step.name, step.content)
		var stderr bytes.Buffer
		_, s := newSession(t.Context(), report.CommandPlan, Process{Dir: dir, Stderr: &stderr}, Options{Since: "HEAD~1"})
		if err := s.open(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, image := range s.plan.Images {
			got = append(got, image.Component)
		}
		if strings.Join(got, " ") != step.want {
			t.Errorf("after %s\n%s\n%q have changed, want %q", step.name, step.content, got, step.want)
		}
	}
}
