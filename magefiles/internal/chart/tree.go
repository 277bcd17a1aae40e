package chart

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// maxTree bounds what an archive may become on disk, in bytes.
const maxTree = 2 << 30

// tree is an unpacked repository. Nothing is written outside of it, whatever the archive's links say.
type tree struct {
	dir  string
	root *os.Root
}

// Close lets go of the directory, which stays.
func (t *tree) Close() { _ = t.root.Close() } // it was only a handle

// unpack takes the first directory off every path: GitHub adds it.
func unpack(dir string, archive []byte) (*tree, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	t := &tree{dir: dir, root: root}
	plain, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	limited := io.LimitReader(plain, maxTree)
	for entries := tar.NewReader(limited); ; {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err == nil {
			err = t.add(header, entries)
		}
		if err != nil {
			return nil, errors.Join(err, root.Close())
		}
	}
}

func (t *tree) add(header *tar.Header, content io.Reader) error {
	_, name, _ := strings.Cut(header.Name, "/")
	if name = path.Clean(name); name == "." {
		return nil
	}
	switch header.Typeflag {
	case tar.TypeDir:
		return t.root.MkdirAll(name, 0o700)
	case tar.TypeSymlink:
		if err := t.root.MkdirAll(path.Dir(name), 0o700); err != nil {
			return err
		}
		return t.root.Symlink(header.Linkname, name)
	case tar.TypeReg:
		data, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		return t.put(name, data, header.FileInfo().Mode()&0o100|0o600)
	}
	return nil // the archive's own header
}

func (t *tree) put(name string, data []byte, mode fs.FileMode) error {
	if err := t.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	return t.root.WriteFile(name, data, mode)
}

// write puts one side of the change into the tree.
func (t *tree) write(files []File, side func(File) []byte) error {
	for _, f := range files {
		data := side(f)
		var err error
		if data == nil {
			if err = t.root.Remove(f.Path); errors.Is(err, fs.ErrNotExist) {
				err = nil
			}
		} else {
			err = t.put(f.Path, data, 0o600)
		}
		if err != nil {
			return fmt.Errorf("writing %q into the tree to render: %w", f.Path, err)
		}
	}
	return nil
}
