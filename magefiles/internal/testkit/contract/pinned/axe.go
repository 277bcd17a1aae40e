package pinned

import (
	"context"
	"os"
	"path/filepath"
)

// axe-core (https://github.com/dequelabs/axe-core) looks for what keeps people from using a page.
const (
	axeName    = "axe-core"
	axeVersion = "4.14.1"
	axeFile    = "package/" + axeBase
	axeBase    = "axe.min.js"
	axeSum     = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
)

// Axe is the script that a page runs to be looked at.
func (s Store) Axe() string { return filepath.Join(s.dir, "axe-core-"+axeVersion, axeBase) }

// HasAxe reports whether it is there.
func (s Store) HasAxe() bool { return exists(s.Axe()) }

func fetchAxe(ctx context.Context, dir string) error {
	script, err := fetchFile(ctx, dir, axeName, axeVersion, axeFile, axeSum)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, axeBase), script, 0o644)
}
