package source_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

func TestOutputsAreWhatTargetsWrite(t *testing.T) {
	dir := t.TempDir()
	always := []string{"dist/images", "dist/logs"}
	if got := source.Outputs(dir); !slices.Equal(got, always) {
		t.Errorf("without dist/ outputs are %q", got)
	}
	late := strings.Repeat(" ", 1024) + `"astrago-ci/report/v1"`
	for name, text := range map[string]string{".gitignore": "/bundle.js\n", "late.json": late, "notes.txt": `"astrago-ci/report/v1"`} {
		write(t, dir, "dist/"+name, text)
	}
	if got := source.Outputs(dir); !slices.Equal(got, always) {
		t.Errorf("the application's own files are outputs: %q", got)
	}
}
