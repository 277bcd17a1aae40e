package doctor

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
)

// GitHub shows the button of a workflow that is on the default branch, which is a surprise at night.
func TestDoctorSeesAMissingButton(t *testing.T) {
	origin, clone := filepath.Join(t.TempDir(), "origin"), filepath.Join(t.TempDir(), "clone")
	git := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=Kim", "-c", "user.email=kim@example.com"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	git("init", "-q", "-b", "main", origin)
	git("-C", origin, "config", "receive.denyCurrentBranch", "ignore")
	git("-C", origin, "commit", "-q", "--allow-empty", "-m", "nothing yet")
	git("clone", "-q", origin, clone)
	d := &doctorRun{env: &cli.Env{Project: &cli.Project{Root: clone}}}
	want := func(status doctor.Status, words string) {
		t.Helper()
		if f := d.checkOperate(t.Context()); f.Status != status || !strings.Contains(f.Text, words) {
			t.Errorf("it finds %+v, want %s: %s", f, status, words)
		}
	}
	want(doctor.Skipped, "mage init writes it")
	workflows := filepath.Join(clone, ".github", "workflows")
	if err := os.MkdirAll(workflows, 0o755); err != nil {
		t.Fatal(err)
	}
	call := "jobs: { operate: {\n  uses: acme/astrago-ci/.github/workflows/operate.yml@v1\n} }\n"
	if err := os.WriteFile(filepath.Join(workflows, "night.yml"), []byte(call), 0o600); err != nil {
		t.Fatal(err)
	}
	want(doctor.Warn, "night.yml is not on the default branch main")
	git("-C", clone, "add", ".")
	git("-C", clone, "commit", "-qm", "operate")
	git("-C", clone, "push", "-q", "origin", "HEAD:refs/heads/main")
	want(doctor.OK, ".github/workflows/night.yml")
	git("-C", clone, "remote", "remove", "origin")
	want(doctor.OK, "once it is on the default branch")
}
