package bare

import (
	"fmt"
	"os"
	"path/filepath"
)

// Open takes a repository that Init has made before, in this process or another; fs.ErrNotExist where there is none.
func Open(dir string) (*Repository, error) {
	if _, err := os.Stat(filepath.Join(dir, "HEAD")); err != nil {
		return nil, fmt.Errorf("opening repository %q: %w", dir, err)
	}
	return &Repository{dir: dir, objects: &reader{dir: dir}}, nil
}
