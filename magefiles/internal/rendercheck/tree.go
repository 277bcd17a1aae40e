package rendercheck

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

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// What an archive may become on disk. Compressed, a gigabyte of zeros is a megabyte.
const (
	maxFile    = 100 << 20 // bytes of one file
	maxTree    = 1 << 30   // bytes of all
	maxEntries = 100_000   // files, directories and links
)

// tree is an unpacked repository. Nothing is written outside of it, and no link in it leads out of it: renderers follow links.
type tree struct {
	dir     string
	scratch string // an empty directory beside it, the home of what renders it
	root    *os.Root
	entries int
	bytes   int64
	links   []string
}

// Close lets go of the directory, which stays.
func (t *tree) Close() { _ = t.root.Close() } // it was only a handle

// unpackArchive writes an archive below dir, piece by piece. It takes the first directory off every path: GitHub adds it.
func unpackArchive(dir string, archive []byte) (_ *tree, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	t := &tree{dir: dir, root: root}
	defer func() {
		if err != nil {
			err = errors.Join(err, root.Close())
		}
	}()
	plain, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	for entries := tar.NewReader(plain); ; {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			err = t.checkLinks()
			return t, err
		}
		if err == nil {
			err = t.addEntry(header, entries)
		}
		if err != nil {
			return nil, err
		}
	}
}

func (t *tree) addEntry(header *tar.Header, content io.Reader) error {
	if err := t.countSize(header); err != nil {
		return err
	}
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
		t.links = append(t.links, name)
		return t.root.Symlink(header.Linkname, name)
	case tar.TypeReg:
		return t.putFile(name, io.LimitReader(content, maxFile), header.FileInfo().Mode()&0o100|0o600)
	}
	return nil // the archive's own header, and what no git repository has: hard links, devices, pipes
}

// countSize refuses what is too much, of entries that are left out, too: they are unpacked to be passed over.
func (t *tree) countSize(header *tar.Header) error {
	t.entries++
	switch t.bytes += header.Size; {
	case t.entries > maxEntries:
		return tooLarge("it has more than %d files", maxEntries)
	case header.Size > maxFile:
		return tooLarge("%q has %d MiB", header.Name, header.Size>>20)
	case t.bytes > maxTree:
		return tooLarge("its files have more than %d MiB", maxTree>>20)
	}
	return nil
}

func tooLarge(format string, args ...any) error {
	return problem.New(problem.Refused, "keep large files out of the deployment repository, or leave `check` out of astrago.yaml",
		"%s, which is more than a check of charts unpacks", fmt.Sprintf(format, args...))
}

// checkLinks refuses links to what is not in the repository: a chart could read any file of this machine by them. It runs when
// all is there, because a link may lead to another that came later.
func (t *tree) checkLinks() error {
	for _, name := range t.links {
		if _, err := t.root.Stat(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return problem.New(problem.Refused, "replace the link by the file, or remove it",
				"the link %q leads out of the repository", name)
		}
	}
	return nil
}

func (t *tree) putFile(name string, content io.Reader, mode fs.FileMode) error {
	if err := t.root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	file, err := t.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}

// writeFiles puts one side of the change into the tree.
func (t *tree) writeFiles(files []File, side func(File) []byte) error {
	for _, f := range files {
		data := side(f)
		var err error
		if data == nil {
			if err = t.root.Remove(f.Path); errors.Is(err, fs.ErrNotExist) {
				err = nil
			}
		} else {
			err = t.putFile(f.Path, bytes.NewReader(data), 0o600)
		}
		if err != nil {
			return fmt.Errorf("writing %q into the tree to render: %w", f.Path, err)
		}
	}
	return nil
}
