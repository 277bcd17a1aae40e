package targets_test

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/publish/prebuilt"
)

// releasedTargets runs a pull request with a version of ci/ whose targets are released, on a runner without Go: they are fetched, and
// neither Go nor a cache is asked for.
func (w *workflow) releasedTargets() {
	w.t.Helper()
	library, releases := filepath.Join(w.dir, "ci"), w.t.TempDir()
	set, err := prebuilt.Build(w.t.Context(), prebuilt.Options{
		Sources: library, Dir: filepath.Join(releases, "v"+astragoci.Version()), From: "https://releases.invalid",
		GoVersion: astragoci.GoVersion(), Platforms: []string{runtime.GOOS + "-" + runtime.GOARCH}, Level: gzip.BestSpeed, Say: w.t.Logf,
	})
	w.must(err)
	w.must(os.WriteFile(filepath.Join(library, prebuilt.SumsPath), []byte(set.String()), 0o644))
	git(w.t, library, "add", "--all")
	git(w.t, library, "commit", "--quiet", "-m", "a release")
	w.again("frontend", "take the release")
	w.must(os.WriteFile(filepath.Join(w.stand, "go"), []byte("#!/bin/sh\necho \"go $*\" >>'"+w.asked+"'\nexit 1\n"), 0o755))
	w.must(os.Truncate(w.asked, 0))
	w.token, w.cache = w.registryToken, w.t.TempDir()
	planned := w.run("pull_request", "-e", w.proposal(), "--env", "ASTRAGO_TARGETS_URL="+releases)
	if !strings.Contains(planned, "mage: fetching the targets") || !strings.Contains(planned, "What a release of frontend to stage would do") {
		w.t.Errorf("the pull request shows\n%s", planned)
	}
	for line := range strings.Lines(readFile(w.t, w.asked)) {
		if name, _, _ := strings.Cut(line, " "); name == "go" || name == "setup-go" || name == "restore" || name == "save" {
			w.t.Errorf("asked for %s", line)
		}
	}
}
