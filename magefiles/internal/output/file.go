package output

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"github.com/xiilab/astrago-ci/magefiles/internal/atomicfile"
)

// mode is that of files that targets leave, before the umask.
const mode = 0o644

// errReadOnly is the error of a file system that takes no writes.
var errReadOnly error = syscall.EROFS

// Read returns a file of the directory; errors.Is(err, fs.ErrNotExist) tells that there is none.
func (d Dir) Read(name string) (data []byte, err error) {
	err = d.with(name, func(root *os.Root, name string) error {
		data, err = root.ReadFile(name)
		return err
	})
	return data, err
}

// Replace writes a file in one step: a reader sees all of the old one or all of the new one, and a killed writer leaves the old
// one. The new one is on the disk before it takes its place.
func (d Dir) Replace(name string, render func(io.Writer) error) error {
	return d.with(name, func(root *os.Root, name string) error {
		return atomicfile.Replace(root, name, atomicfile.Options{Mode: mode}, render)
	})
}

// Renew is Replace for a file that every run rewrites, and that need not outlast a power failure: it does not wait for the disk, which may
// be busy with a build's output.
func (d Dir) Renew(name string, render func(io.Writer) error) error {
	return d.with(name, func(root *os.Root, name string) error {
		return atomicfile.Replace(root, name, atomicfile.Options{Mode: mode, Unsynced: true}, render)
	})
}

// Create opens a file for writing, empty.
func (d Dir) Create(name string) (file *os.File, err error) {
	err = d.with(name, func(root *os.Root, name string) error {
		if info, err := root.Lstat(name); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("writing to %q: it is not a file", filepath.Join(d.base, filepath.FromSlash(name)))
		}
		file, err = root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
		return err
	})
	return file, err
}

// File returns the absolute path of a file or directory that others open by its path, once no link is on the way to it.
func (d Dir) File(name string) (string, error) {
	err := d.with(name, func(*os.Root, string) error { return nil })
	return filepath.Join(d.Path(), filepath.FromSlash(name)), err
}

// with does something with a name that is below the output directory, and to which no link leads.
func (d Dir) with(name string, do func(root *os.Root, name string) error) error {
	root, err := d.open()
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // it was opened to read
	below := path.Join(d.rel, name)
	if err := d.checkParents(root, below); err != nil {
		return err
	}
	err = do(root, below)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, errReadOnly) {
		return unwritable(d.Path(), err)
	}
	return err
}

// ReplaceFile is Dir.Replace for a file anywhere, whose directory is made if it is missing.
func ReplaceFile(name string, render func(io.Writer) error) error {
	if dir := filepath.Dir(name); filepath.Base(dir) == Name {
		d, err := Open(dir)
		if err != nil {
			return err
		}
		return d.Replace(filepath.Base(name), render)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(name, atomicfile.Options{Mode: mode}, render)
}
