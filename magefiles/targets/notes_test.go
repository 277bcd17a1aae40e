package targets_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
)

// TestNotesOfAPromotion has a dry run, the command itself and the report of the real run tell the same, which is what stage has and
// prod lacks; after that prod is compared with an older commit, and with what would take it back.
func TestNotesOfAPromotion(t *testing.T) {
	t.Parallel()
	a := newWorld(t).withProd("frontend", "")
	a.write("astrago.yaml", readFile(t, a.dir+"/astrago.yaml")+"notes: { links: { 'BE-(\\d+)': 'https://jira.example.com/browse/$0' } }\n")
	a.next("chore: first")
	a.succeed("promote", "-env=prod")
	first := a.shortSHA()
	a.write("src/style.css", "a { color: red }")
	a.commit("fix(list): BE-7 make it red (#12)\n\nAstrago-Image: core x@sha256:00")
	a.next("feat: \x1b[31mlook @acme/team <b> `x`")
	second := a.shortSHA()

	summary := filepath.Join(t.TempDir(), "summary.md")
	a.environ = append(a.environ, "GITHUB_STEP_SUMMARY="+summary)
	dry := a.succeed("promote", "-env=prod", "-dryRun")
	told := a.succeed("notes", "-env=prod")
	for where, text := range map[string]string{"a dry run": dry.stderr, "notes": told.stdout} {
		for _, want := range []string{
			"frontend " + first + ".." + second + " brings 2 commits", "Features", "look @acme/team", "Fixes", "#12 list: BE-7 make it red",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", where, want, text)
			}
		}
		if strings.ContainsRune(text, '\x1b') {
			t.Errorf("%s has an escape byte:\n%q", where, text)
		}
	}
	written, err := os.ReadFile(summary)
	a.must(err)
	if !strings.Contains(string(written), "[BE-7](https://jira.example.com/browse/BE-7) make it red") || strings.Contains(string(written), "@acme") {
		t.Errorf("the job summary is\n%s", written)
	}
	promoted := a.succeed("promote", "-env=prod", "-json")
	var r struct{ Notes *notes.Notes }
	a.must(json.Unmarshal([]byte(promoted.stdout), &r))
	if r.Notes == nil || len(r.Notes.Ranges) != 1 || r.Notes.From != "stage" || r.Notes.Ranges[0].Brings.Commits != 2 {
		t.Errorf("the report has the notes %+v", r.Notes)
	}
	if page := readFile(t, a.dir+"/.astrago/release.html"); !strings.Contains(page, `<a href="https://jira.example.com/browse/BE-7"`) {
		t.Error("the page does not link the issue")
	}
	if again := a.succeed("notes", "-env=prod"); !strings.Contains(again.stdout, "the same commit") {
		t.Errorf("after the promotion notes say\n%s", again.stdout)
	}
	since := a.succeed("notes", "-env=prod", "-since="+first, "-json")
	var n notes.Notes
	a.must(json.Unmarshal([]byte(since.stdout), &n))
	if n.Schema != notes.Schema || n.Since != first || len(n.Ranges) != 1 || n.Ranges[0].Relation != notes.Ahead {
		t.Errorf("since %s: %+v", first, n)
	}
	a.refuse(2, []string{"-from and -since exclude each other"}, "notes", "-env=prod", "-from=stage", "-since="+first)
	a.refuse(2, []string{"this clone has no such commit or tag"}, "notes", "-env=prod", "-since=v9")
}

// TestNotesOfAWayBack has a rollback say what it takes back, and notes say that a source is not known, which fails nothing.
func TestNotesOfAWayBack(t *testing.T) {
	t.Parallel()
	a := newWorld(t).application("frontend")
	a.next("fix: first")
	first := a.shortSHA()
	a.next("feat: second (#3)")
	git(t, a.dir, "checkout", "-q", first)
	if back := a.succeed("notes", "-env=stage"); !strings.Contains(back.stdout, "takes back 1 commit") || !strings.Contains(back.stdout, "#3 second") {
		t.Errorf("an older commit is told as\n%s", back.stdout)
	}
	rolled := a.succeed("rollback", "-env=stage", "-reason=login fails")
	if !strings.Contains(rolled.stderr, "takes back 1 commit") || !strings.Contains(rolled.stderr, "#3 second") {
		t.Errorf("the rollback says\n%s", rolled.stderr)
	}
}
