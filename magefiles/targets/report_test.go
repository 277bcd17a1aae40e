package targets_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// report reads what the last run left in .astrago/, and holds it against the published schema.
func (a *application) report() report.Report {
	a.t.Helper()
	data, err := os.ReadFile(filepath.Join(a.dir, ".astrago", "release.json"))
	a.must(err)
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "templates", "report.schema.json"))
	a.must(err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	a.must(err)
	if err := schema.Validate(document); err != nil {
		a.t.Errorf(".astrago/release.json does not follow its schema: %v\n%s", err, data)
	}
	var r report.Report
	a.must(json.Unmarshal(data, &r))
	return r
}

// TestReportInOutput: a failed run leaves one, too, and none takes the place of what is the application's own.
func TestReportInOutput(t *testing.T) {
	t.Parallel()
	w := &world{t: t, environ: plainEnviron(t)}
	a := &application{world: w, name: "backend", dir: t.TempDir()}
	a.write("astrago.yaml", "version: 1\nservise: x\n")
	for _, looks := range [][]string{{"plan"}, {"hold"}, {"release", "-dryRun"}} {
		a.run(looks...)
		if _, err := os.Stat(filepath.Join(a.dir, ".astrago")); err == nil {
			t.Fatalf("mage %s has written into .astrago", looks)
		}
	}
	a.run("release")
	if r := a.report(); r.Command != report.CommandRelease || r.Error == nil || r.Error.Exit != 2 {
		t.Errorf("the report of a failed run is %+v", r)
	}
	if page := readFile(t, filepath.Join(a.dir, ".astrago", "release.html")); !strings.Contains(page, "release failed") || !strings.Contains(page, "did you mean `service`?") {
		t.Errorf("the page does not say what is wrong:\n%s", page)
	}
	a.run("push")
	if r := a.report(); r.Command != report.CommandPush {
		t.Errorf("the second report is of %s", r.Command)
	}
	entries, err := os.ReadDir(filepath.Join(a.dir, ".astrago"))
	if a.must(err); len(entries) != 3 {
		t.Errorf("%q are there, want .gitignore and the two reports", entries)
	}
	if ignored := readFile(t, filepath.Join(a.dir, ".astrago", ".gitignore")); ignored != "*\n" {
		t.Errorf("git ignores %q of .astrago", ignored)
	}
	a.write("astrago.yaml", `version: 1
service: backend
image: ghcr.io/acme/backend
components: { core: { dockerfile: Dockerfile } }
environments:
  stage: { branches: [main], deploy: { repository: acme/deployment, branch: main, file: values.yaml, set: '.tag = "{{ .Tag }}"' } }
notify: { language: ko }
`)
	a.write("Dockerfile", "FROM scratch\n")
	a.run("release") // no git repository
	if page := readFile(t, filepath.Join(a.dir, ".astrago", "release.html")); !strings.Contains(page, `<html lang="ko"`) || !strings.Contains(page, "git") {
		t.Errorf("the page does not speak as the messages do:\n%s", page)
	}
	elsewhere := filepath.Join(t.TempDir(), "theirs")
	a.must(errors.Join(os.WriteFile(elsewhere, []byte("theirs"), 0o644), os.Remove(filepath.Join(a.dir, ".astrago", "release.json")),
		os.Symlink(elsewhere, filepath.Join(a.dir, ".astrago", "release.json"))))
	r := a.run("release")
	if readFile(t, elsewhere) != "theirs" || !strings.Contains(r.stderr, ".astrago/release.json is not written") || !strings.Contains(r.stderr, "symbolic link") {
		t.Errorf("what a link leads to is replaced, or nobody is told:\n%s", r.stderr)
	}
}
