package project

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/publish/prebuilt"
)

// TestPlatforms has a package that compiles here but not on every platform: for want of a name, in itself and in what it imports.
func TestPlatforms(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		files map[string]string
		wrong []string
	}{
		"the same everywhere": {files: map[string]string{"main/main.go": "package main\n\nfunc main() {}\n"}},
		"a name of one system": {
			files: map[string]string{"main/main.go": "package main\n\nimport \"syscall\"\n\nfunc main() { _ = syscall.Umask(0) }\n"},
			wrong: []string{"windows-amd64", "windows-arm64"},
		},
		"a file of one architecture, in an import": {
			files: map[string]string{
				"main/main.go":       "package main\n\nimport \"example.com/app/word\"\n\nfunc main() { _ = word.Size }\n",
				"word/word.go":       "package word\n\nconst Size = size\n",
				"word/word_amd64.go": "package word\n\nconst size = 8\n",
			},
			wrong: []string{"linux-arm64", "darwin-arm64", "windows-arm64"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			test.files["go.mod"] = "module example.com/app\n\ngo 1.26\n"
			for file, text := range test.files {
				path := filepath.Join(dir, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			err := checkout{dir: dir, out: io.Discard}.checkPlatforms(t.Context(), "./main")
			said := ""
			if err != nil {
				said = err.Error()
			}
			for _, platform := range prebuilt.Platforms() {
				expected := slices.Contains(test.wrong, platform)
				if strings.Contains(said, "on "+platform+":") != expected {
					t.Errorf("%s is refused: %t, want %t\n%s", platform, !expected, expected, said)
				}
			}
		})
	}
}
