package project

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// TestAuditCoversEveryTool holds what is audited against the modules that there are.
func TestAuditCoversEveryTool(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	c := checkout{dir: root}
	audits, err := c.auditArguments()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, audit := range audits {
		lines = append(lines, strings.ReplaceAll(strings.Join(audit, " "), root+"/scripts/tools/", ""))
	}
	text := strings.Join(lines, "\n") + "\n"
	for _, want := range []string{"./...\n", "-C helm helm.sh/helm/v4/cmd/helm\n", "-C helmfile github.com/helmfile/helmfile\n", "-C helmfile github.com/getsops/sops/v3/cmd/sops\n", "-C buildkit github.com/moby/buildkit/cmd/buildkitd\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not audited:\n%s", want, text)
		}
	}
	for _, module := range c.findFiles("scripts/tools/*/go.mod") {
		if name := filepath.Base(filepath.Dir(module)); !strings.Contains(text, "-C "+name+" ") {
			t.Errorf("%s is not audited", name)
		}
	}
}

// hole is an entry of a database of one: every program that calls strings.ToUpper has it.
const hole = `{"schema_version": "1.3.1", "id": "GO-2000-0001", "modified": "2000-01-01T00:00:00Z", "published": "2000-01-01T00:00:00Z",
"details": "shouts", "database_specific": {"url": "https://pkg.go.dev/vuln/GO-2000-0001"}, "affected": [
{"package": {"name": "stdlib", "ecosystem": "Go"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}],
"ecosystem_specific": {"imports": [{"path": "strings", "symbols": ["ToUpper"]}]}}]}`

// TestAuditReadsTheDatabaseThatIsNamed runs govulncheck on two programs with a database on disk, and without any.
func TestAuditReadsTheDatabaseThatIsNamed(t *testing.T) {
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	c := checkout{dir: sources, cache: filepath.Join(cache, "astrago-ci"), out: &output}
	govulncheck, err := c.compileTool(t.Context(), "govulncheck", "golang.org/x/vuln/cmd/govulncheck")
	if err != nil {
		t.Fatal(err)
	}
	c.dir = t.TempDir()
	const entry = `{"id": "GO-2000-0001", "modified": "2000-01-01T00:00:00Z"}`
	for name, content := range map[string]string{
		"db/index/db.json":        `{"modified": "2000-01-01T00:00:00Z"}`,
		"db/index/modules.json":   `[{"path": "stdlib", "vulns": [` + entry + `]}]`,
		"db/index/vulns.json":     "[" + entry + "]",
		"db/ID/GO-2000-0001.json": hole,
		"go.mod":                  "module example.com/x\n\ngo 1.26\n",
		"loud/x.go":               "package main\n\nimport \"strings\"\n\nfunc main() { println(strings.ToUpper(\"x\")) }\n",
		"quiet/x.go":              "package main\n\nfunc main() {}\n",
	} {
		path := filepath.Join(c.dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	database := "file://" + filepath.ToSlash(filepath.Join(c.dir, "db"))
	for name, test := range map[string]struct {
		database string
		programs [][]string
		says     string
	}{
		"none has":    {database, [][]string{{"./quiet"}}, ""},
		"one has":     {database, [][]string{{"./loud"}, {"./quiet"}}, "1 of 2 programs have some"},
		"no database": {"file:///not/there", [][]string{{"./quiet"}, {"./loud"}}, "nothing is known"},
		"not reached": {"http://127.0.0.1:1", [][]string{{"./quiet"}}, "nothing is known"},
	} {
		output.Reset()
		err := c.runAudits(t.Context(), govulncheck, test.database, test.programs)
		if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
			t.Errorf("%s: %v\n%s", name, err, &output)
		}
		if p := problem.As(err); strings.HasPrefix(test.says, "nothing") && (p == nil || !strings.Contains(p.Remedy, databaseVariable)) {
			t.Errorf("%s: remedy of %v", name, err)
		}
	}
}
