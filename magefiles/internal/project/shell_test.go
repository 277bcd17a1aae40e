package project

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEveryScriptIsChecked looks into this repository.
func TestEveryScriptIsChecked(t *testing.T) {
	c := checkout{dir: filepath.Join("..", "..", "..")}
	scripts, err := c.shellScripts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{".ci/run", "scripts/mage", "magefiles/internal/buildkit/daemon/supervise.sh"} {
		if !slices.Contains(scripts, want) {
			t.Errorf("%s is not among %q", want, scripts)
		}
	}
	steps, err := c.actionSteps(t.TempDir())
	if err != nil || len(steps) < 3 {
		t.Fatalf("%d steps, %v", len(steps), err)
	}
	text, err := os.ReadFile(steps[0])
	if err != nil || !strings.HasPrefix(string(text), "#!/usr/bin/env bash\n") || !strings.Contains(string(text), "/scripts/mage\" -where") || strings.Contains(string(text), "${{") {
		t.Errorf("the first step is %q, %v", text, err)
	}
}
