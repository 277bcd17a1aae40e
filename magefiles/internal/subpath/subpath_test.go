package subpath_test

import (
	"path/filepath"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/subpath"
)

func TestOf(t *testing.T) {
	for place, want := range map[string]string{
		"/app": ".", "/app/": ".", "/app/a/b": "a/b", "/app/..a": "..a", "/app/a/../b": "b",
		"/": "", "/application": "", "/app/../other": "", "app": "", "": "",
	} {
		sub, ok := subpath.Of(filepath.FromSlash("/app"), filepath.FromSlash(place))
		if sub != want || ok != (want != "") {
			t.Errorf("%q is %q, %t, want %q", place, sub, ok, want)
		}
	}
}
