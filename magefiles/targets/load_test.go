package targets_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// loads makes an application's builds load their images.
func (a *application) loads(loader string) {
	a.t.Helper()
	a.replace("astrago.yaml", "load: none", "load: "+loader)
	a.commit("load images")
}

// TestBuildMakesTheImageUsable builds, and has Docker run what was built.
func TestBuildMakesTheImageUsable(t *testing.T) {
	t.Parallel()
	e := engine.Get(t)
	a := newWorld(t).application("frontend")
	a.loads("auto")
	a.env = []string{"DOCKER_HOST=" + e.Host()}
	result := a.succeed("build", "-json")
	var r report.Report
	a.must(json.Unmarshal([]byte(result.stdout), &r))
	if len(r.Images) != 1 || r.Images[0].Loaded != "docker" || !strings.Contains(result.stderr, "1 image in Docker 20.") {
		t.Fatalf("%+v\n%s", r.Images, result.stderr)
	}
	out, err := e.Command(t.Context(), "run", "--rm", "--network=none", r.Images[0].Ref.String(), "echo", "it runs").CombinedOutput()
	if err != nil || string(out) != "it runs\n" {
		t.Errorf("docker run says %q, %v", out, err)
	}
	if again := a.succeed("build"); !strings.Contains(again.stderr, "1 image in Docker") || !strings.Contains(again.stderr, ", 0 B sent") {
		t.Errorf("the image is sent again:\n%s", again.stderr)
	}
	a.env = append(a.env, "GITHUB_ACTIONS=true")
	if result := a.succeed("build"); !strings.Contains(result.stderr, "loads nothing in a workflow") {
		t.Errorf("in a workflow:\n%s", result.stderr)
	}
}

// TestBuildWithoutItsDocker ends before anything is built; a release needs no Docker.
func TestBuildWithoutItsDocker(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.loads("docker")
	a.env = []string{"DOCKER_HOST=unix://" + t.TempDir() + "/none.sock"}
	if r := a.refuse(1, []string{"asking Docker at unix://", "no such file", "load: none"}, "build"); strings.Contains(r.stderr, "▸ build") {
		t.Errorf("it has built:\n%s", r.stderr)
	}
	if r := a.succeed("release"); strings.Contains(r.stderr, "▸ load") {
		t.Errorf("a release loads:\n%s", r.stderr)
	}
}
