package project

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestAuditCoversEveryTool holds what is audited against the modules that there are.
func TestAuditCoversEveryTool(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	c := checkout{dir: root}
	audits, err := c.audits()
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
	for _, module := range c.find("scripts/tools/*/go.mod") {
		if name := filepath.Base(filepath.Dir(module)); !strings.Contains(text, "-C "+name+" ") {
			t.Errorf("%s is not audited", name)
		}
	}
}
