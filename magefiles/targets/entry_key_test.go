package targets_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAttackKeyOfTheTargets changes code that the targets are compiled from and that is not in magefiles/: whoever compiles
// first under a name decides what all others run under it. Each way in which Go finds such code is one case.
func TestAttackKeyOfTheTargets(t *testing.T) {
	t.Parallel()
	library := entryAlone(t)
	for name, test := range map[string]struct {
		files  map[string]string
		change string // the file whose content an attacker changes; "out" is beside the application
	}{
		"use":               {map[string]string{"go.work": "go 1.26\n\nuse ./ci\nuse ./tools // comment\n", "tools/go.mod": "module example.com/tools\n", "tools/x.go": "package tools\n"}, "tools/x.go"},
		"use, in a block":   {map[string]string{"go.work": "go 1.26\n\nuse (\n\t./ci\n\t\"./to ols\"\n)\n", "to ols/go.mod": "module example.com/tools\n", "to ols/x.go": "package tools\n"}, "to ols/x.go"},
		"use, ignored":      {map[string]string{".gitignore": "gen\n", "go.work": "use ./tools\n", "tools/go.mod": "module example.com/tools\n", "tools/gen/x.go": "package gen\n"}, "tools/gen/x.go"},
		"use, embedded":     {map[string]string{"go.work": "use ./tools\n", "tools/go.mod": "module example.com/tools\n", "tools/a.txt": "a"}, "tools/a.txt"},
		"use, outside":      {map[string]string{"go.work": "use ../out\n", "../out/go.mod": "module example.com/out\n", "../out/x.go": "package out\n"}, "../out/x.go"},
		"replace, go.work":  {map[string]string{"go.work": "go 1.26\nreplace example.com/lib v1.2.3 => ./lib\n", "lib/go.mod": "module example.com/lib\n", "lib/x.go": "package lib\n"}, "lib/x.go"},
		"replace, block":    {map[string]string{"go.work": "replace (\n\texample.com/lib => ./lib\n)\n", "lib/x.go": "package lib\n"}, "lib/x.go"},
		"replace, module":   {map[string]string{"magefiles/go.mod": "module example.com/m\nreplace example.com/lib => ../lib\n", "lib/x.go": "package lib\n"}, "lib/x.go"},
		"replace, root":     {map[string]string{"go.mod": "module example.com/app\nreplace example.com/lib => ../out\n", "../out/x.go": "package out\n"}, "../out/x.go"},
		"replace of a used": {map[string]string{"go.work": "use ./tools\n", "tools/go.mod": "module example.com/tools\nreplace example.com/lib => ../lib\n", "lib/x.go": "package lib\n"}, "lib/x.go"},
		"vendor":            {map[string]string{"go.work": "use ./ci\n", "vendor/modules.txt": "## workspace\n", "vendor/example.com/x/x.go": "package x\n"}, "vendor/example.com/x/x.go"},
		"go.work itself":    {map[string]string{"go.work": "use ./ci\n"}, "go.work"},
		"go.work.sum":       {map[string]string{"go.work": "use ./ci\n", "go.work.sum": "x\n"}, "go.work.sum"},
		"magefiles/go.work": {map[string]string{"magefiles/go.work": "use ../lib\n", "lib/x.go": "package lib\n"}, "lib/x.go"},
		"assembly":          {map[string]string{"go.mod": "module example.com/app\n", "magefiles/o.go": "package main\n\nimport _ \"example.com/app/x\"\n", "x/x.go": "package x\n", "x/x_amd64.s": "\n"}, "x/x_amd64.s"},
	} {
		t.Run(name, func(t *testing.T) {
			app := filepath.Join(t.TempDir(), "app")
			if err := os.MkdirAll(app, 0o755); err != nil {
				t.Fatal(err)
			}
			git(t, app, "init", "-q")
			git(t, app, "submodule", "--quiet", "add", library, "ci")
			write := func(name, content string) {
				t.Helper()
				path := filepath.Join(app, filepath.FromSlash(name))
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			key := func() string {
				t.Helper()
				got := entry(t, app, t.TempDir(), filepath.Join(app, "ci", "scripts", "mage"), nil, "-where")
				if name := filepath.Base(strings.TrimSpace(got.stdout)); got.code == 0 && got.stderr == "" && len(name) == 40 {
					return name
				}
				t.Fatalf("%+v", got)
				return ""
			}
			write("magefiles/magefile.go", "package main\n")
			for name, content := range test.files {
				write(name, content)
			}
			reviewed := key()
			if key() != reviewed {
				t.Fatal("the same files give two names")
			}
			write(test.change, test.files[test.change]+"// changed\n")
			if key() == reviewed {
				t.Errorf("%s was changed, and the targets are those from before", test.change)
			}
		})
	}
}

// TestAttackCacheOfTheTargets plants a program where the compiled targets are, as another user or as a build step can.
func TestAttackCacheOfTheTargets(t *testing.T) {
	t.Parallel()
	library := entryAlone(t)
	script := filepath.Join(library, "scripts", "mage")
	planted := "#!/bin/sh\necho PLANTED\n"
	for name, test := range map[string]struct {
		plant func(cache, dir string) error
		code  int
	}{
		"open directory": {func(_, dir string) error { return os.Chmod(dir, 0o777) }, 3},
		"open cache":     {func(cache, _ string) error { return os.Chmod(filepath.Join(cache, "astrago-ci"), 0o777|os.ModeSticky) }, 3},
		"open file":      {func(_, dir string) error { return os.Chmod(filepath.Join(dir, "targets"), 0o777) }, 3},
		"another's": {func(_, dir string) error {
			if os.Geteuid() != 0 {
				return os.Chmod(dir, 0o777) // only root can give a directory away
			}
			return os.Chown(dir, 65534, 65534)
		}, 3},
		"overwritten": {func(_, dir string) error {
			return os.WriteFile(filepath.Join(dir, "targets"), []byte(planted+"#\n"), 0o755)
		}, 0},
		"open directory, by a link": {func(cache, dir string) error {
			elsewhere := filepath.Join(cache, "elsewhere")
			return errors.Join(os.Rename(dir, elsewhere), os.Chmod(elsewhere, 0o777), os.Symlink(elsewhere, dir))
		}, 3},
		"a link": {func(cache, dir string) error {
			elsewhere := filepath.Join(cache, "elsewhere")
			return errors.Join(os.Rename(filepath.Join(dir, "targets"), elsewhere), os.Symlink(elsewhere, filepath.Join(dir, "targets")))
		}, 0},
		"no sum": {func(_, dir string) error { return os.Remove(filepath.Join(dir, "targets.sum")) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			cache := t.TempDir()
			where := entry(t, library, cache, script, nil, "-where")
			dir := strings.TrimSpace(where.stdout)
			write := func(name, content string) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			write("targets", planted)
			sum := hashOf(t, filepath.Join(dir, "targets"))
			write("targets.sum", sum+"\n")
			if got := entry(t, library, cache, script, nil, "version"); got.stdout != "PLANTED\n" {
				t.Fatalf("what was compiled is not run: %+v", got)
			}
			// A cache that its user keeps elsewhere is that user's.
			moved := filepath.Join(t.TempDir(), "moved")
			if err := errors.Join(os.Rename(filepath.Join(cache, "astrago-ci"), moved), os.Symlink(moved, filepath.Join(cache, "astrago-ci"))); err != nil {
				t.Fatal(err)
			}
			if got := entry(t, library, cache, script, nil, "version"); got.stdout != "PLANTED\n" {
				t.Fatalf("a link to a directory of one's own: %+v", got)
			}
			if err := test.plant(cache, dir); err != nil {
				t.Fatal(err)
			}
			// Where it would be compiled again, this machine has no Go: that it wants to is the answer.
			got := entry(t, library, cache, script, []string{"PATH=" + programs(t)}, "version")
			if strings.Contains(got.stdout, "PLANTED") {
				t.Errorf("it was run: %+v", got)
			}
			if test.code == 3 && (got.code != 3 || !strings.Contains(got.stderr, "XDG_CACHE_HOME")) || test.code == 0 && !strings.Contains(got.stderr, "Go is missing") {
				t.Errorf("%+v", got)
			}
		})
	}
}

// hashOf is the sum that the entry keeps beside the compiled targets.
func hashOf(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", "hash-object", "--no-filters", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
