// Package atomicfile writes files in one step: a reader sees all of the old one or all of the new one, and a killed writer leaves the
// old one.
package atomicfile

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Options say how a file is written.
type Options struct {
	Mode     fs.FileMode // before the umask
	Unsynced bool        // it need not outlast a power failure: the disk, which may be busy, is not waited for
}

// Replace writes what render writes to a file below a directory.
func Replace(root *os.Root, name string, o Options, render func(io.Writer) error) error {
	temporary := path.Join(path.Dir(name), ".new-"+rand.Text())
	file, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, o.Mode)
	if err != nil {
		return err
	}
	if err = render(file); err == nil && !o.Unsynced {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = root.Rename(temporary, name)
	}
	if err != nil {
		_ = root.Remove(temporary)
	}
	return err
}

// Write is Replace of a file by its path.
func Write(name string, o Options, render func(io.Writer) error) error {
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // it was opened to read
	return Replace(root, filepath.Base(name), o, render)
}

// WriteData is Write of data.
func WriteData(name string, o Options, data []byte) error {
	return Write(name, o, func(w io.Writer) error { _, err := w.Write(data); return err })
}
