package worktree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree/hashcache"
)

// fileOpener opens files, and keeps the directory of the last one open: the next one is mostly beside it.
type fileOpener struct {
	disk *disk
	dir  string
	root *os.Root
}

// open opens the file that a node is. A link that leads out of the directory or a pipe that has taken its place is not followed
// or waited for.
func (o *fileOpener) open(n *node) (*os.File, hashcache.Stat, error) {
	if err := o.enterDir(n.disk, filepath.Dir(n.path)); err != nil {
		return nil, hashcache.Stat{}, err
	}
	file, err := o.root.OpenFile(n.baseName(), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, hashcache.Stat{}, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: n.path, Err: errors.New("it is no longer a regular file")}
	}
	if err != nil {
		return nil, hashcache.Stat{}, errors.Join(err, file.Close())
	}
	return file, hashcache.StatOf(info), nil
}

func (o *fileOpener) enterDir(d *disk, dir string) error {
	if o.root != nil && o.disk == d && o.dir == dir {
		return nil
	}
	o.close()
	root, err := d.root.OpenRoot(dir)
	if err != nil {
		return err
	}
	o.disk, o.dir, o.root = d, dir, root
	return nil
}

func (o *fileOpener) close() {
	if o.root != nil {
		_ = o.root.Close() // it was only read
		o.root = nil
	}
}

// open opens one file.
func (n *node) open() (*os.File, error) {
	var o fileOpener
	defer o.close()
	file, _, err := o.open(n)
	return file, err
}
