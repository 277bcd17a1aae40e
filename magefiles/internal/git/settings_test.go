package git_test

import (
	"os"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

func TestIndexTellsWhatConverts(t *testing.T) {
	for name, test := range map[string]struct {
		change func(dir string)
		want   bool
	}{
		"nothing":        {func(string) {}, false},
		"no file modes":  {func(dir string) { runGit(t, dir, "config", "core.fileMode", "no") }, false},
		"autocrlf off":   {func(dir string) { runGit(t, dir, "config", "core.autocrlf", "off") }, false},
		"autocrlf":       {func(dir string) { runGit(t, dir, "config", "core.autocrlf", "yes") }, true},
		"autocrlf=input": {func(dir string) { runGit(t, dir, "config", "core.autocrlf", "Input") }, true},
		"the clone's":    {func(dir string) { write(t, dir, ".git/info/attributes", "* text") }, true},
		"an empty one":   {func(dir string) { write(t, dir, ".git/info/attributes", "") }, false},
		"a named one": {func(dir string) {
			runGit(t, dir, "config", "core.attributesFile", "mine")
			write(t, dir, "mine", "* text")
		}, true},
		"a user's":        {func(string) { write(t, os.Getenv("HOME"), ".config/git/attributes", "* text") }, true},
		"that is missing": {func(dir string) { runGit(t, dir, "config", "core.attributesFile", "~/mine") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
			t.Setenv("HOME", t.TempDir())
			dir := repository(t)
			write(t, dir, "below/file", "")
			test.change(dir)
			index, err := git.ReadIndex(t.Context(), dir+"/below")
			if err != nil || index.Converts != test.want {
				t.Errorf("got %t (%v), want %t", index.Converts, err, test.want)
			}
		})
	}
}

func TestIndexTellsOfFileModes(t *testing.T) {
	for value, want := range map[string]bool{"": true, "true": true, "on": true, "1": true, "false": false, "off": false, "0": false} {
		t.Run(value, func(t *testing.T) {
			dir := repository(t)
			write(t, dir, "file", "")
			runGit(t, dir, "add", "file")
			runGit(t, dir, "config", "--unset", "core.fileMode")
			if value != "" {
				runGit(t, dir, "config", "core.fileMode", value)
			}
			index, err := git.ReadIndex(t.Context(), dir)
			if err != nil || len(index.Files) != 2 || index.Files[0].FileMode != want {
				t.Errorf("got %+v (%v), want %t", index.Files, err, want)
			}
		})
	}
}
