package git_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

// nested is an application with a submodule ci/ at v1.0.0, whose remote has gone on to v1.1.0.
func nested(t *testing.T) (app, library string) {
	t.Helper()
	library = repository(t)
	runGit(t, library, "branch", "-m", "main")
	runGit(t, library, "tag", "v1.0.0")
	app = repository(t)
	runGit(t, app, "submodule", "add", "-q", library, "ci")
	runGit(t, app, "commit", "-q", "-m", "add ci")
	commit(t, library, "second")
	commit(t, library, "third")
	runGit(t, library, "tag", "v1.1.0")
	return app, library
}

func submodule(t *testing.T, app string) git.Submodule {
	t.Helper()
	s, err := git.ReadSubmodule(t.Context(), app, "ci")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSubmodule(t *testing.T) {
	app, library := nested(t)
	first := revision(t, library, "v1.0.0")
	if s := submodule(t, app); s.Recorded != first || s.Head.SHA != first || s.Head.Time.IsZero() || s.Dirty || s.Behind != 0 || s.Latest != "v1.0.0" || s.Newer {
		t.Errorf("as added: %+v", s)
	}
	ci := filepath.Join(app, "ci")
	runGit(t, library, "tag", "v1.2.0-rc.1")
	runGit(t, ci, "fetch", "-q", "--tags")
	if s := submodule(t, app); s.Upstream != "origin/main" || s.Behind != 2 || s.Latest != "v1.1.0" || !s.Newer {
		t.Errorf("after a fetch: %+v", s)
	}
	runGit(t, ci, "checkout", "-q", "v1.1.0")
	write(t, ci, "astrago.yaml", "changed\n")
	if s := submodule(t, app); s.Recorded != first || s.Head.SHA == first || !s.Dirty || s.Behind != 0 || s.Newer {
		t.Errorf("moved and changed: %+v", s)
	}
}

func TestSubmoduleThatIsNotCheckedOut(t *testing.T) {
	app, library := nested(t)
	clone := filepath.Join(t.TempDir(), "clone")
	runGit(t, t.TempDir(), "clone", "-q", app, clone)
	if s := submodule(t, clone); s.Recorded != revision(t, library, "v1.0.0") || s.Head.SHA != "" {
		t.Errorf("%+v", s)
	}
}

func TestWhatIsNoSubmodule(t *testing.T) {
	app := repository(t)
	if err := os.Mkdir(filepath.Join(app, "ci"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"ci", "astrago.yaml", "nothing"} {
		if _, err := git.ReadSubmodule(t.Context(), app, path); !errors.Is(err, git.ErrNoSubmodule) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
