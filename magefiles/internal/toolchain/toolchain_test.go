package toolchain_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/script"
	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

func module(t *testing.T, source string) toolchain.Module {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"go.mod": "module example.com/tool\n\ngo 1.26.0\n", "main.go": source} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return toolchain.Module{Dir: dir, Package: "example.com/tool", Flags: []string{"-ldflags=-X main.version=7"}}
}

func TestKeepCompilesAWholeTool(t *testing.T) {
	// The caller's flags would break the build if they joined in.
	t.Setenv("GOFLAGS", "-mod=vendor")
	path := filepath.Join(t.TempDir(), "bin", "tool")
	m := module(t, "package main\n\nvar version string\n\nfunc main() { print(version) }\n")
	if err := m.Keep(t.Context(), path, nil, ""); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), path).CombinedOutput(); err != nil || string(out) != "7" {
		t.Errorf("the tool says %q, %v", out, err)
	}
}

// Go compiles a package again for other flags.
func TestToolsAreCompiledAsTheTargets(t *testing.T) {
	flags, err := script.Flags(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	of := strings.Fields(flags)
	for _, flag := range toolchain.BuildFlags() {
		if !slices.ContainsFunc(of, func(other string) bool { return other == flag || strings.HasPrefix(other, flag+",") }) {
			t.Errorf("scripts/mage has no %s in %s", flag, flags)
		}
	}
	for _, flag := range of {
		if !strings.HasPrefix(flag, "-tags=") && !slices.Contains(toolchain.BuildFlags(), flag) {
			t.Errorf("tools are compiled without the %s of scripts/mage", flag)
		}
	}
}

func TestBuildFailureTellsTheCompilersWords(t *testing.T) {
	dir := t.TempDir()
	err := module(t, "package main\n\nfunc main() { nonsense() }\n").Keep(t.Context(), filepath.Join(dir, "tool"), nil, "do this")
	if problem.As(err) == nil || !strings.Contains(err.Error(), "undefined: nonsense") || !strings.Contains(err.Error(), "do this") {
		t.Errorf("error %v", err)
	}
	if left := entries(t, dir); len(left) != 0 {
		t.Errorf("a failed build left %q", left)
	}
}

func TestAptElsewhereSaysWhatToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	said := false
	err := toolchain.Apt(t.Context(), func(string, ...any) { said = true }, "or do without", "runc")
	if err == nil || errors.Is(err, exec.ErrNotFound) || !strings.Contains(err.Error(), "runc") || !strings.Contains(err.Error(), "or do without") {
		t.Errorf("error %v", err)
	}
	if said {
		t.Error("an installation was announced that cannot be")
	}
}
