package build

import (
	"context"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tonistiigi/fsutil"
	fstypes "github.com/tonistiigi/fsutil/types"

	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// files serves dir without owners, which differ between machines, and without what is hidden.
func (src contextSource) files(dir string) (fsutil.FS, error) {
	files, err := fsutil.NewFS(dir)
	if err != nil {
		return nil, err
	}
	var hidden []string
	for _, path := range src.hidden {
		rel, err := filepath.Rel(dir, path)
		if err == nil && filepath.IsLocal(rel) && rel != "." {
			hidden = append(hidden, escapePattern(filepath.ToSlash(rel)))
		}
	}
	filter := filtered(func() (fsutil.FS, error) {
		return fsutil.NewFilterFS(files, &fsutil.FilterOpt{ExcludePatterns: hidden, Map: rootOwned})
	})
	_, err = filter() // a pattern that is none must show here
	return filter, err
}

// filtered makes its filter anew for each call: a filter compiles its patterns when it first meets them, without a lock,
// and several builds walk one directory at once.
type filtered func() (fsutil.FS, error)

// Walk implements fsutil.FS.
func (f filtered) Walk(ctx context.Context, target string, visit fs.WalkDirFunc) error {
	files, err := f()
	if err != nil {
		return err
	}
	return files.Walk(ctx, target, visit)
}

// Open implements fsutil.FS.
func (f filtered) Open(path string) (io.ReadCloser, error) {
	files, err := f()
	if err != nil {
		return nil, err
	}
	return files.Open(path)
}

func rootOwned(_ string, st *fstypes.Stat) fsutil.MapResult {
	st.Uid, st.Gid = 0, 0
	return fsutil.MapResultKeep
}

// escapePattern makes a .dockerignore pattern that matches path only.
func escapePattern(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// hiddenPaths are what targets write: in a context it would change with every build.
func hiddenPaths(root, layout, logs string) []string {
	hidden := []string{layout, logs}
	for _, output := range source.Outputs(root) {
		hidden = append(hidden, filepath.Join(root, filepath.FromSlash(output)))
	}
	slices.Sort(hidden)
	return slices.Compact(hidden)
}
