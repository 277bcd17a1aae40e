package targets_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPruneShowsWhatItFrees(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := w.application("backend")
	app.succeed("build")
	lines := app.succeed("prune").stdout
	if !strings.Contains(lines, "\tunix://") || !strings.Contains(lines, "\t"+filepath.Join(app.dir, ".astrago", "images")) {
		t.Errorf("prune says\n%s", lines)
	}
	app.succeed("push") // the last build is left
	var got struct {
		Schema string
		Freed  []struct {
			Where string
			Bytes int64
		}
	}
	all := app.succeed("prune", "-all", "-json")
	if err := json.Unmarshal([]byte(all.stdout), &got); err != nil {
		t.Fatalf("%v: %s", err, all.stdout)
	}
	if got.Schema != "astrago-ci/prune/v1" || len(got.Freed) != 2 || got.Freed[1].Bytes == 0 || !strings.Contains(all.stderr, " freed") {
		t.Errorf("prune -all gives %+v and says\n%s", got, all.stderr)
	}
	if blobs, err := os.ReadDir(filepath.Join(app.dir, ".astrago", "images", "blobs", "sha256")); err != nil || len(blobs) != 0 {
		t.Errorf("%d blobs are left, %v", len(blobs), err)
	}
	if _, states := app.images("push"); states["core"] != "exists" { // in the registry
		t.Errorf("a push after that finds %v", states)
	}
}

// TestPruneOutsideOfARepository has nothing to remove, and makes no daemon for that.
func TestPruneOutsideOfARepository(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	app := &application{world: w, dir: t.TempDir(), env: []string{"BUILDKIT_HOST=", "DOCKER_HOST=unix:///none", "XDG_RUNTIME_DIR="}}
	if got := app.succeed("prune"); got.stdout != "" || !strings.Contains(got.stderr, "0 B freed") {
		t.Errorf("prune gives %q and says\n%s", got.stdout, got.stderr)
	}
}
