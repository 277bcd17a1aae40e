package worktree

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tonistiigi/fsutil"
	fstypes "github.com/tonistiigi/fsutil/types"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

// isServed reports whether one of the filters lets a file of the index through, be it there or not, or of a submodule a file that it
// may have. Without filters all are served.
func isServed(ctx context.Context, file git.Indexed, snapshots []*Snapshot) (bool, error) {
	for _, s := range snapshots {
		through, err := s.letsThrough(ctx, file)
		if err != nil || through {
			return through, err
		}
	}
	return len(snapshots) == 0, nil
}

// letsThrough reports whether a build would get a file of the index.
func (s *Snapshot) letsThrough(ctx context.Context, file git.Indexed) (bool, error) {
	filter := s.asked
	targets, err := fsutil.FollowLinks(contextView{top: s.top}, filter.Follow)
	if err != nil {
		return false, err
	}
	if len(filter.Follow) > 0 && targets != nil {
		filter.Include = append(append([]string{}, filter.Include...), targets...)
	}
	filter.Follow = nil
	only := &singleFile{}
	filtered, err := fsutil.NewFilterFS(only, filter.fsOptions())
	if err != nil {
		return false, err
	}
	found := false
	for _, only.name = range possibleNames(file, filter) {
		err = filtered.Walk(ctx, "", func(path string, _ fs.DirEntry, err error) error {
			found = found || filepath.ToSlash(path) == only.name
			return err
		})
		if err != nil || found {
			break
		}
	}
	return found, err
}

// singleFile is a directory with one file in it, by its path.
type singleFile struct{ name string }

// Walk implements fsutil.FS.
func (o *singleFile) Walk(_ context.Context, _ string, visit fs.WalkDirFunc) error {
	steps := strings.Split(o.name, "/")
	for i := range steps {
		st := &fstypes.Stat{Path: filepath.Join(steps[:i+1]...), Mode: uint32(fs.ModeDir | 0o755)}
		if i == len(steps)-1 {
			st.Mode = 0o644
		}
		if err := visit(st.Path, &fsutil.DirEntryInfo{Stat: st}, nil); err != nil {
			return ignoreSkip(err)
		}
	}
	return nil
}

// Open implements fsutil.FS.
func (o *singleFile) Open(path string) (io.ReadCloser, error) {
	return nil, &fs.PathError{Op: "open", Path: path, Err: os.ErrInvalid}
}
