package prepare_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/prepare"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

func patterns(texts ...string) []config.Pattern {
	var list []config.Pattern
	for _, text := range texts {
		list = append(list, config.Pattern{Text: text, Line: 1, Column: 1})
	}
	return list
}

// TestKeyCountsWhatCommandsRead changes one thing after another, each of which makes another key, and those that make none.
func TestKeyCountsWhatCommandsRead(t *testing.T) {
	key := func(change func(*config.Prepare, []worktree.Entry, map[string]string)) string {
		t.Helper()
		p := config.Prepare{Run: []string{"make"}, Env: []string{"JAVA_VERSION", "MODE"}, Ignore: patterns("docs/**", "!docs/build.md")}
		files := []worktree.Entry{
			{Path: "docs", Mode: fs.ModeDir | 0o755},
			{Path: "docs/a.md", Mode: 0o644, Digest: digest.FromString("a")},
			{Path: "docs/build.md", Mode: 0o644, Digest: digest.FromString("b")},
			{Path: "src", Mode: fs.ModeSymlink | 0o777, Link: "x"},
			{Path: "x", Mode: 0o644, Digest: digest.FromString("x")},
		}
		env := map[string]string{"JAVA_VERSION": "21"}
		change(&p, files, env)
		got, err := prepare.Key(p, files, func(name string) (string, bool) { value, ok := env[name]; return value, ok })
		if err != nil || len(got) != 64 {
			t.Fatalf("key %q, %v", got, err)
		}
		return got
	}
	base := key(func(*config.Prepare, []worktree.Entry, map[string]string) {})
	for name, change := range map[string]func(*config.Prepare, []worktree.Entry, map[string]string){
		"command":      func(p *config.Prepare, _ []worktree.Entry, _ map[string]string) { p.Run = []string{"make all"} },
		"two commands": func(p *config.Prepare, _ []worktree.Entry, _ map[string]string) { p.Run = []string{"make", ""} },
		"value":        func(_ *config.Prepare, _ []worktree.Entry, env map[string]string) { env["JAVA_VERSION"] = "25" },
		"empty value":  func(_ *config.Prepare, _ []worktree.Entry, env map[string]string) { env["MODE"] = "" },
		"unset":        func(_ *config.Prepare, _ []worktree.Entry, env map[string]string) { delete(env, "JAVA_VERSION") },
		"file": func(_ *config.Prepare, files []worktree.Entry, _ map[string]string) {
			files[4].Digest = digest.FromString("y")
		},
		"mode": func(_ *config.Prepare, files []worktree.Entry, _ map[string]string) { files[4].Mode = 0o755 },
		"link": func(_ *config.Prepare, files []worktree.Entry, _ map[string]string) { files[3].Link = "y" },
		"name": func(_ *config.Prepare, files []worktree.Entry, _ map[string]string) { files[4].Path = "y" },
		"taken in again": func(_ *config.Prepare, files []worktree.Entry, _ map[string]string) {
			files[2].Digest = digest.FromString("c")
		},
	} {
		if key(change) == base {
			t.Errorf("%s does not count", name)
		}
	}
	for name, change := range map[string]func(*config.Prepare, []worktree.Entry, map[string]string){
		"ignored file": func(_ *config.Prepare, files []worktree.Entry, _ map[string]string) {
			files[1].Digest = digest.FromString("z")
		},
		"other variable": func(_ *config.Prepare, _ []worktree.Entry, env map[string]string) { env["OTHER"] = "1" },
		"order of names": func(p *config.Prepare, _ []worktree.Entry, _ map[string]string) {
			p.Env = []string{"MODE", "JAVA_VERSION"}
		},
	} {
		if key(change) != base {
			t.Errorf("%s counts", name)
		}
	}
}

// TestKeyRefusesPatternsThatMatchNothing also where a pattern takes something in again, or only a directory matches.
func TestKeyRefusesPatternsThatMatchNothing(t *testing.T) {
	files := []worktree.Entry{{Path: "docs", Mode: fs.ModeDir | 0o755}, {Path: "src/a.go", Mode: 0o644}}
	for text, refused := range map[string]bool{
		"src": false, "src/**": false, "**/*.go": false, "!src/a.go": false, "s*": false,
		"docs": true, "Src": true, "!gone": true, "*.go": true,
	} {
		_, err := prepare.Key(config.Prepare{Run: []string{"make"}, Ignore: patterns(text)}, files, func(string) (string, bool) { return "", false })
		unmatched, is := errors.AsType[*prepare.UnmatchedError](err)
		if is != refused || err != nil && !is || is && unmatched.Text != text {
			t.Errorf("%s: %v, want a refusal: %v", text, err, refused)
		}
	}
}
