package worktree

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// opener opens files, and keeps the directory of the last one open: the next one is mostly beside it.
type opener struct {
	disk *disk
	dir  string
	root *os.Root
}

// open opens the file that a node is. A link that leads out of the directory or a pipe that has taken its place is not followed
// or waited for.
func (o *opener) open(n *node) (*os.File, stat, error) {
	if err := o.enter(n.disk, filepath.Dir(n.path)); err != nil {
		return nil, stat{}, err
	}
	file, err := o.root.OpenFile(n.name(), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, stat{}, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: n.path, Err: errors.New("it is no regular file any more")}
	}
	if err != nil {
		return nil, stat{}, errors.Join(err, file.Close())
	}
	return file, statOf(info), nil
}

func (o *opener) enter(d *disk, dir string) error {
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

func (o *opener) close() {
	if o.root != nil {
		_ = o.root.Close() // it was only read
		o.root = nil
	}
}

// open opens one file.
func (n *node) open() (*os.File, error) {
	var o opener
	defer o.close()
	file, _, err := o.open(n)
	return file, err
}
