package targets_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// TestUpdate moves the submodule of an application whose configuration this version does not understand.
func TestUpdate(t *testing.T) {
	t.Parallel()
	library, app := checkout(t), filepath.Join(t.TempDir(), "backend")
	git(t, library, "tag", "v0.1.0")
	if err := example.Create(t.Context(), app, "backend", example.Parameters{Registry: "ghcr.io", Base: "scratch"}); err != nil {
		t.Fatal(err)
	}
	git(t, app, "submodule", "--quiet", "add", library, "ci")
	git(t, app, "commit", "-q", "-m", "add ci")
	git(t, library, "commit", "-q", "--allow-empty", "-m", "Release: another one")
	git(t, library, "tag", "v9.0.0")
	a := &application{world: &world{t: t, environ: plainEnviron(t)}, dir: app}
	a.write("astrago.yaml", "version: 2\n")
	if wrong := a.run("plan"); wrong.code != 2 || !strings.Contains(wrong.stderr, "update the submodule: mage update") {
		t.Errorf("a file of a later format ends with %+v", wrong)
	}

	moved := a.succeed("update")
	if moved.stdout != "v9.0.0\n" || !strings.Contains(moved.stderr, "ci from v0.1.0 to v9.0.0, which brings:\n  - Release: another one\n") {
		t.Errorf("moved: %+v", moved)
	}
	staged, err := exec.CommandContext(t.Context(), "git", "-C", app, "diff", "--cached", "--name-only").Output()
	if err != nil || string(staged) != "ci\n" {
		t.Errorf("staged are %q, %v", staged, err)
	}
	a.refuse(3, []string{"there are changes of yours"}, "update", "-to=v0.1.0")
	git(t, app, "commit", "-q", "-m", "ci: update")
	if again := a.succeed("update"); again.stdout != "v9.0.0\n" || !strings.Contains(again.stderr, "nothing to do: ci is at v9.0.0") {
		t.Errorf("the repetition: %+v", again)
	}
	a.refuse(2, []string{`no tag, branch or commit "v7"`, "v9.0.0, v0.1.0"}, "update", "-to=v7")
}
