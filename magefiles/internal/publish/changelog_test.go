package publish_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

const (
	changesBefore = "# Changelog\n\n## Unreleased\n\n### Added\n\n- A map.\n\n## 0.1.0 - 2026-01-02\n\nThe first.\n"
	changesAfter  = "# Changelog\n\n## Unreleased\n\n## 0.2.0 - 2026-03-02\n\n### Added\n\n- A map.\n\n## 0.1.0 - 2026-01-02\n\nThe first.\n"
)

// logged is a world whose clone has a changelog, at the commit that raises VERSION to 0.2.0.
func logged(t *testing.T) (w *world, raised string) {
	t.Helper()
	w = newWorld(t)
	w.must(w.publish("0.1.0"))
	w.must(os.WriteFile(filepath.Join(w.clone, "CHANGELOG.md"), []byte(changesBefore), 0o644))
	raised = w.raise("0.2.0", "Build: faster, thanks to @kim")
	return w, raised
}

func (w *world) changelog(revision string) string {
	w.Helper()
	return w.git(w.bare[own], "show", revision+":CHANGELOG.md") + "\n"
}

// TestPublishNamesTheVersionInTheChangelog on top of the commit that is released, which the tag then has, and once only.
func TestPublishNamesTheVersionInTheChangelog(t *testing.T) {
	w, raised := logged(t)
	backend := w.consumer("xiilab/backend", w.git(w.bare[own], "rev-parse", "v0.1.0"), "v0.1.0")
	w.must(w.publish("0.2.0", backend))
	tip := w.git(w.bare[own], "rev-parse", "main")
	if got := w.changelog("v0.2.0"); got != changesAfter {
		t.Errorf("the tag has\n%s", got)
	}
	if w.git(w.bare[own], "rev-parse", "v0.2.0") != tip || w.git(w.bare[own], "rev-parse", "main^") != raised {
		t.Error("the tag is not main, or main is not one commit after what was released")
	}
	if got := w.git(w.bare[own], "diff", "--name-only", raised, tip); got != "CHANGELOG.md" {
		t.Errorf("the commit changes %q", got)
	}
	release, _, err := w.client(ownToken).Repositories.GetReleaseByTag(t.Context(), "xiilab", "astrago-ci", "v0.2.0")
	w.must(err)
	if want := "### Added\n\n- A map.\n\nChanges since v0.1.0:\n\n- Build: faster"; !strings.HasPrefix(release.GetBody(), want) {
		t.Errorf("notes %q", release.GetBody())
	}
	if got := w.git(w.bare["xiilab/backend"], "ls-tree", w.tip("xiilab/backend"), "ci"); got != "160000 commit "+tip+"\tci" {
		t.Errorf("the consumer gets %q", got)
	}

	requests := len(w.Requests())
	w.must(w.publish("0.2.0", backend)) // the clone does not have the commit that was made
	if strings.Contains(strings.Join(w.said, "\n"), "raise VERSION") {
		t.Errorf("the repetition takes the version for another one's: %q", w.said)
	}
	w.git(w.clone, "pull", "-q", "origin", "main")
	w.must(w.publish("0.2.0", backend))
	for _, r := range w.Requests()[requests:] {
		if r.Method != http.MethodGet && !strings.HasSuffix(r.Path, "/git/trees") {
			t.Errorf("the repetition wrote: %s %s", r.Method, r.Path)
		}
	}
}

// TestAKilledPublishGoesOn from the commit that names the version, where no tag has it yet.
func TestAKilledPublishGoesOn(t *testing.T) {
	w, _ := logged(t)
	w.must(w.publish("0.2.0"))
	tip := w.git(w.bare[own], "rev-parse", "main")
	w.git(w.bare[own], "tag", "-d", "v0.2.0")
	w.must(w.publish("0.2.0"))
	if w.git(w.bare[own], "rev-parse", "main") != tip || w.git(w.bare[own], "rev-parse", "v0.2.0") != tip {
		t.Error("the version is named twice, or its tag is elsewhere")
	}

	w.git(w.bare[own], "tag", "-d", "v0.2.0")
	w.git(w.clone, "pull", "-q", "origin", "main")
	more := strings.Replace(changesAfter, "## Unreleased\n", "## Unreleased\n\n- A door.\n", 1)
	w.must(os.WriteFile(filepath.Join(w.clone, "CHANGELOG.md"), []byte(more), 0o644))
	w.raise("0.2.0", "Build: a door")
	w.must(w.publish("0.2.0"))
	if got := w.changelog("v0.2.0"); got != more {
		t.Errorf("the heading of 0.2.0 is not left alone:\n%s", got)
	}
}

// TestPublishReplacesNoCommitOfMain: somebody has merged something after the commit that raises VERSION.
func TestPublishReplacesNoCommitOfMain(t *testing.T) {
	w, _ := logged(t)
	_, err := w.Commit(t.Context(), own, "main", "work goes on", map[string][]byte{"more.txt": []byte("more\n")})
	w.must(err)
	tip := w.git(w.bare[own], "rev-parse", "main")
	if p := problem.As(w.publish("0.2.0")); p == nil || p.Status != problem.Conflict || !strings.Contains(p.Remedy, "newest commit of main") {
		t.Errorf("the error is %v", p)
	}
	if w.git(w.bare[own], "rev-parse", "main") != tip || w.git(w.bare[own], "tag", "-l", "v0.2.0") != "" {
		t.Error("main or a tag has moved")
	}
	w.git(w.clone, "pull", "-q", "origin", "main")
	w.must(w.publish("0.2.0"))
	if got := w.changelog("v0.2.0"); got != changesAfter {
		t.Errorf("the tag has\n%s", got)
	}
}

// TestOwnChangelog is in the form that publish keeps.
func TestOwnChangelog(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	text, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md"))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.must(w.publish("0.1.0"))
	more := strings.Replace(string(text), "\n## Unreleased\n", "\n## Unreleased\n\n- A map.\n", 1)
	w.must(os.WriteFile(filepath.Join(w.clone, "CHANGELOG.md"), []byte(more), 0o644))
	w.raise("99.0.0", "Build: faster")
	w.must(w.publish("99.0.0"))
	if got := w.changelog("v99.0.0"); !strings.Contains(got, "\n## Unreleased\n\n## 99.0.0 - 2026-03-02\n") {
		t.Errorf("the changelog is\n%.300s", got)
	}
}
