package cli

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
  core: { dockerfile: docker/Dockerfile, target: core }
  batch: { dockerfile: docker/Dockerfile, target: batch }
environments:
  stage: { branches: [main], deploy: { repository: acme/deploy, branch: main, file: a.yaml, set: '.{{ .Component }}.tag = "{{ .Tag }}"' } }
`

func TestNegativeParallelIsRefused(t *testing.T) {
	_, env := Start(t.Context(), Process{Dir: t.TempDir(), Stderr: &bytes.Buffer{}}, Command{Name: report.CommandBuild}, Flags{})
	if p := problem.As((opener{env}).openCommit(t.Context(), CommitOptions{Parallel: -1})); p == nil || p.ExitStatus() != problem.Usage || !strings.Contains(p.Error(), "-parallel: -1") {
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
	dockerfile := "FROM scratch AS core\nCOPY src /\nFROM scratch AS batch\nARG JDK\nCOPY batch /\n"
	batch := func(more string) string {
		return strings.Replace(sinceConfig, "target: batch }", "target: batch, "+more+" }", 1)
	}
	prepared := strings.Replace(sinceConfig, "service:", "prepare: { run: [make], ignore: docs, env: [JDK] }\nservice:", 1)
	commit("docker/Dockerfile", dockerfile)
	commit("src/main", "main")
	commit("batch/main", "main")
	commit("astrago.yaml", "version: 0\n")
	for _, step := range []struct{ name, content, want string }{
		{"astrago.yaml", sinceConfig, "core batch"}, // nothing tells what the version before meant
		{"docs/a.md", "nothing that counts", ""},
		{"src/main", "changed", "core"},
		{"src/run.sh", "new", "core"},
		{"astrago.yaml", batch("args: { JDK: '21' }"), "batch"},
		{"astrago.yaml", batch("args: { JDK: '21', OTHER: '1' }"), ""}, // which its Dockerfile does not declare
		{"astrago.yaml", batch("platforms: [linux/arm64]"), "batch"},
		{"astrago.yaml", batch("labels: { a: b }"), "batch"},
		{"docker/Dockerfile.dockerignore", "src/doc\n", ""},
		{"docker/Dockerfile.dockerignore", "src/run.sh\n", "core"},
		{"docker/Dockerfile", dockerfile + "ENV A=b\n", "batch"},
		{"docker/Dockerfile", "# a comment\n" + dockerfile + "ENV A=b\n", ""},
		{"docker/Dockerfile", strings.Replace(dockerfile, "COPY src", "ADD https://example.com/x", 1), "core batch"}, // and ENV
		{"src/other", "not copied", "core"},                                                                          // what an address gives is not known
		{"docker/Dockerfile", dockerfile, "core"},
		{"astrago.yaml", prepared, "core batch"},
		{"docs/a.md", "ignored by prepare", ""},
		{"lib/a", "read by prepare", "core batch"},
		{"astrago.yaml", strings.Replace(prepared, "[make]", "[make all]", 1), "core batch"},
		{"astrago.yaml", strings.Replace(sinceConfig, "core:", "web: { dockerfile: docker/Dockerfile }\n  core:", 1), "web core batch"},
		{"docs/a.md", "still nothing", ""},
	} {
		commit(step.name, step.content)
		var stderr bytes.Buffer
		_, env := Start(t.Context(), Process{Dir: dir, Stderr: &stderr}, Command{Name: report.CommandPlan}, Flags{})
		if err := (opener{env}).openCommit(t.Context(), CommitOptions{ChangedSince: "HEAD~1"}); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, image := range env.Project.Plan.Images {
			got = append(got, string(image.Component))
		}
		if strings.Join(got, " ") != step.want {
			t.Errorf("after %s\n%s\n%q have changed, want %q", step.name, step.content, got, step.want)
		}
	}
}
