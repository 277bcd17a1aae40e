package git

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Root finds the application repository's root: the nearest directory from dir upwards that holds the file named marker
// (astrago.yaml). It works the same from a subdirectory and from inside the submodule ci/, whose own root has no such file.
func Root(dir, marker string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("resolving %q: %w", dir, err)
	}
	for at := start; ; at = filepath.Dir(at) {
		info, err := os.Stat(filepath.Join(at, marker))
		switch {
		case err == nil && info.Mode().IsRegular():
			return at, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("looking for %s: %w", marker, err)
		case at == filepath.Dir(at):
			return "", problem.New(problem.Usage,
				"run this in the application repository, or write "+marker+" in its root (astrago-ci/README.md, \"Quick start\")",
				"looking for %s: there is none in %q or above", marker, start)
		}
	}
}
