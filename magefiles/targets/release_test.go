package targets_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

const mutation = "mutation createCommitOnBranch"

// TestRelease takes two applications that write one values file through their first release, a repetition, and a second
// release.
func TestRelease(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	backend, frontend := w.application("backend"), w.application("frontend")
	before := w.values()

	head := strings.TrimSpace(backend.succeed("release").stdout)
	want := before
	for _, component := range []string{"core", "batch", "monitor"} {
		want = strings.Replace(want, component+"-stage-00000000", component+"-stage-"+backend.shortSHA(), 1)
	}
	if got := w.values(); got != want {
		t.Fatalf("values after the backend's release:\n%s\nwant\n%s", got, want)
	}
	if got, err := w.github.Head(example.Deployment, example.Branch); err != nil || got != head {
		t.Errorf("standard output names commit %q, the head is %q, %v", head, got, err)
	}

	frontend.succeed("release")
	want = strings.Replace(want, "frontend-stage-00000000", "frontend-stage-"+frontend.shortSHA(), 1)
	if got := w.values(); got != want {
		t.Fatalf("values after the frontend's release:\n%s", got)
	}

	first := backend.report()
	t.Run("again", func(t *testing.T) { releaseAgain(t, backend, head) })

	old := backend.shortSHA()
	backend.write("src/core.txt", "a changed program, which says far more than the one before: "+old)
	backend.commit("change core")
	result := backend.succeed("release")
	if got := w.values(); got != strings.ReplaceAll(want, old, backend.shortSHA()) {
		t.Errorf("values after the second release:\n%s", got)
	}
	if !strings.Contains(result.stderr, "CACHED") {
		t.Errorf("the components that did not change were built anew:\n%s", result.stderr)
	}
	second := backend.report()
	for i, image := range second.Images {
		if before := first.Images[i].Size; before == 0 || image.PreviousSize != before || image.Component == "core" && image.Size == before {
			t.Errorf("%s has %d bytes after %d, reported as %d", image.Component, image.Size, before, image.PreviousSize)
		}
	}
	if !strings.Contains(result.stderr, "+0 B") {
		t.Errorf("nobody is told by how much an image has grown:\n%s", result.stderr)
	}
	subjects := []string{
		"deploy(stage): backend " + backend.shortSHA(), "deploy(stage): frontend " + frontend.shortSHA(),
		"deploy(stage): backend " + old, "Initial commit",
	}
	if got := w.log(); !slices.Equal(got, subjects) {
		t.Errorf("history %q, want %q", got, subjects)
	}
}

// releaseAgain repeats a release: one HEAD a component, one read of GitHub, nothing written.
func releaseAgain(t *testing.T, a *application, head string) {
	t.Helper()
	commits, requests := len(a.log()), len(a.registry.Requests())
	a.github.ForgetRequests()
	result := a.succeed("release")
	if !strings.Contains(result.stderr, "nothing to do") || strings.TrimSpace(result.stdout) != head {
		t.Errorf("the repetition says %q\n%s", result.stdout, result.stderr)
	}
	if got := len(a.log()); got != commits {
		t.Errorf("the repetition made %d commits", got-commits)
	}
	heads := 0
	for _, r := range a.registry.Requests()[requests:] {
		switch {
		case r.Kind == registry.Token || r.Kind == registry.Ping || r.Status == http.StatusUnauthorized:
		case r.Kind == registry.Manifest && r.Method == http.MethodHead:
			heads++
		default:
			t.Errorf("the repetition asks the registry for %s %s %s", r.Method, r.Kind, r.Target)
		}
	}
	if heads != 3 {
		t.Errorf("the repetition looks at %d tags, want 3", heads)
	}
	if got := a.github.Count(""); got != 1 {
		t.Errorf("the repetition sends %d requests to GitHub: %v", got, a.github.Requests())
	}
}

// TestStagesByThemselves runs build, push and bump as three processes, each finding the work of the one before.
func TestStagesByThemselves(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.refuse(3, []string{"refusing to bump", "mage push"}, "bump")
	a.refuse(1, []string{"was not built for this commit", "mage build"}, "push")
	built := a.succeed("build")
	if a.pushed("backend") {
		t.Error("build pushed")
	}
	pushed := a.succeed("push", "-only=core,batch")
	if lines := strings.Split(strings.TrimSpace(pushed.stdout), "\n"); len(lines) != 2 || !strings.HasPrefix(built.stdout, pushed.stdout) {
		t.Errorf("built\n%spushed\n%s", built.stdout, pushed.stdout)
	}
	a.refuse(3, []string{"monitor-stage-" + a.shortSHA()}, "bump")
	a.succeed("push")
	a.github.ForgetRequests()
	a.succeed("bump")
	if got := a.github.Count(""); got != 2 {
		t.Errorf("a bump takes %d round trips, want 2: %v", got, a.github.Requests())
	}
	if got := strings.Count(a.values(), a.shortSHA()); got != 3 {
		t.Errorf("%d values are set:\n%s", got, a.values())
	}
}

// TestBuiltImagesAreReadableByOthers reads .astrago/images with skopeo.
func TestBuiltImagesAreReadableByOthers(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	line := strings.TrimSpace(a.succeed("build").stdout)
	ref, digest, _ := strings.Cut(line, "@")
	if _, err := exec.LookPath("skopeo"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("skopeo is not installed")
	}
	out, err := exec.CommandContext(t.Context(), "skopeo", "inspect", "oci:"+filepath.Join(a.dir, ".astrago", "images")+":"+ref).CombinedOutput()
	if err != nil {
		t.Fatalf("skopeo: %v\n%s", err, out)
	}
	var inspected struct {
		Digest string
		Labels map[string]string
	}
	a.must(json.Unmarshal(out, &inspected))
	if inspected.Digest != digest || !strings.HasPrefix(inspected.Labels["org.opencontainers.image.revision"], a.shortSHA()) ||
		inspected.Labels["org.opencontainers.image.source"] != "https://github.com/acme/frontend" {
		t.Errorf("skopeo sees %+v, want digest %s", inspected, digest)
	}
}

// TestMovedHead lets somebody else commit between our read and our commit: both changes survive.
func TestMovedHead(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	remove := a.github.Intercept(github.On(mutation, 1, github.Action{Before: func() {
		moved := strings.Replace(a.values(), "replicas: {core: 2", "replicas: {core: 7", 1)
		_, err := a.github.Commit(t.Context(), example.Deployment, example.Branch, "scale core", map[string][]byte{example.ValuesPath: []byte(moved)})
		a.must(err)
	}}))
	defer remove()
	a.succeed("release")
	if got := a.values(); !strings.Contains(got, "core: 7") || !strings.Contains(got, "frontend-stage-"+a.shortSHA()) {
		t.Errorf("a change is lost:\n%s", got)
	}
	if want := []string{"deploy(stage): frontend " + a.shortSHA(), "scale core", "Initial commit"}; !slices.Equal(a.log(), want) {
		t.Errorf("history %q", a.log())
	}
}

func TestDryRunChangesNothing(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	before := a.values()
	result := a.succeed("release", "-dryRun")
	if !strings.Contains(result.stderr, "dry run") || !strings.Contains(result.stderr, "+ core-stage-"+a.shortSHA()) {
		t.Errorf("the dry run says\n%s", result.stderr)
	}
	if a.pushed("backend") || a.values() != before || result.stdout != "" {
		t.Errorf("the dry run changed something, or has a result: %q", result.stdout)
	}
	if _, err := os.Stat(filepath.Join(a.dir, ".astrago")); err == nil {
		t.Error("the dry run built something")
	}
}

// TestMachineOutput reads what a workflow's later steps read.
func TestMachineOutput(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	dir := t.TempDir()
	summary, output := filepath.Join(dir, "summary"), filepath.Join(dir, "output")
	a.env = []string{"GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY=" + summary, "GITHUB_OUTPUT=" + output, "GITHUB_REPOSITORY=acme/frontend", "GITHUB_RUN_ID=42"}
	result := a.succeed("release", "-json")
	report := a.report()
	if written := readFile(t, filepath.Join(a.dir, ".astrago", "release.json")); written != result.stdout {
		t.Errorf(".astrago/release.json is\n%s\nand -json prints\n%s", written, result.stdout)
	}
	if report.Outcome != "done" || len(report.Images) != 1 || report.Images[0].State != "pushed" ||
		len(report.Deployment) != 1 || report.Deployment[0].Changes[0].New != "frontend-stage-"+a.shortSHA() || len(report.Stages) < 4 {
		t.Errorf("report %s", result.stdout)
	}
	for file, words := range map[string][]string{
		summary: {"frontend-stage-" + a.shortSHA(), "```diff"},
		output:  {"changed=true", string("commit=" + report.Deployment[0].Commit), report.Images[0].Digest.String()},
	} {
		data, err := os.ReadFile(file)
		a.must(err)
		for _, word := range words {
			if !strings.Contains(string(data), word) {
				t.Errorf("%s lacks %q:\n%s", filepath.Base(file), word, data)
			}
		}
	}
	if !strings.Contains(result.stderr, "::group::") || strings.Contains(result.stderr, "\x1b[") {
		t.Errorf("the workflow's log has no groups, or colours:\n%s", result.stderr)
	}
	out, err := exec.CommandContext(t.Context(), "git", "-C", a.bare, "log", "-1", "--format=%(trailers:key=Astrago-Run,valueonly)", example.Branch).Output()
	if err != nil || strings.TrimSpace(string(out)) != "https://github.com/acme/frontend/actions/runs/42" {
		t.Errorf("the commit names run %q, %v", out, err)
	}
}

// TestPlan prints the same plan with and without network, tokens and daemon.
func TestPlan(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("backend")
	a.environ = plainEnviron(t)
	result := a.succeed("plan", "-json")
	var plan struct {
		Schema, Environment string
		Images              []struct{ Component, Tag string }
	}
	a.must(json.Unmarshal([]byte(result.stdout), &plan))
	if plan.Schema != "astrago-ci/plan/v1" || plan.Environment != "stage" || len(plan.Images) != 3 || plan.Images[0].Tag != "core-stage-"+a.shortSHA() {
		t.Errorf("plan %s", result.stdout)
	}
	table := a.succeed("plan").stdout
	for _, word := range []string{"core-stage-" + a.shortSHA(), "docker/core/Dockerfile", example.Deployment, example.Branch, example.ValuesPath} {
		if !strings.Contains(table, word) {
			t.Errorf("the table lacks %q:\n%s", word, table)
		}
	}
}
