// Package output keeps what the targets leave in an application repository: images, logs, reports and pages, in .astrago/ at
// its root, which nothing else writes to. No link below it is followed, and nothing outside of it is touched.
package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Name is the directory's name at the root of an application repository.
const Name = ".astrago"

// Names of what is in it.
const (
	Images = "images" // the OCI layout of what was built
	Logs   = "logs"   // the full log of each component's last build, <component>.log
)

// ignoreFile keeps git from seeing the directory, itself included.
const (
	ignoreFile = ".gitignore"
	ignoreAll  = "*\n"
)

// Dir is the output directory, or a directory in it. It holds nothing open, and is safe for concurrent use, also by several
// processes.
type Dir struct {
	base string // the output directory, absolute
	rel  string // slash-separated, below base; "." is base itself
}

// In opens the output directory of the application repository at root, see Open.
func In(root string) (Dir, error) { return Open(filepath.Join(root, Name)) }

// Open opens an output directory, which it makes if it is missing, with a .gitignore that covers all of it. A link, a file and
// a directory that cannot be written to are a problem.Problem.
func Open(base string) (Dir, error) {
	d := Dir{base: base, rel: "."}
	if err := os.MkdirAll(base, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		if kind := d.obstacle(base); kind != nil {
			return Dir{}, kind
		}
		return Dir{}, unwritable(base, err)
	}
	root, err := d.open()
	if err != nil {
		return Dir{}, err
	}
	defer func() { _ = root.Close() }() // it was opened to read
	if _, err := root.Lstat(ignoreFile); err == nil {
		return d, nil
	}
	file, err := root.OpenFile(ignoreFile, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist): // another process has just written it
		return d, nil
	case err != nil:
		return Dir{}, unwritable(base, err)
	}
	_, err = file.WriteString(ignoreAll)
	return d, errors.Join(err, file.Close())
}

// Sub opens a directory in it, which it makes if it is missing.
func (d Dir) Sub(name string) (Dir, error) {
	sub := Dir{base: d.base, rel: path.Join(d.rel, name)}
	root, err := d.open()
	if err != nil {
		return Dir{}, err
	}
	defer func() { _ = root.Close() }() // it was opened to read
	if err := d.checkParents(root, sub.rel); err != nil {
		return Dir{}, err
	}
	if err := root.MkdirAll(sub.rel, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return Dir{}, unwritable(sub.Path(), err)
	}
	info, err := root.Lstat(sub.rel)
	if err == nil && !info.IsDir() {
		return Dir{}, sub.obstacle(sub.Path())
	}
	return sub, err
}

// Path is the directory's absolute path.
func (d Dir) Path() string { return filepath.Join(d.base, filepath.FromSlash(d.rel)) }

// open opens the output directory itself, unless that is a link.
func (d Dir) open() (*os.Root, error) {
	info, err := os.Lstat(d.base)
	if err != nil {
		return nil, fmt.Errorf("opening %q: %w", d.base, err)
	}
	if !info.IsDir() {
		return nil, d.obstacle(d.base)
	}
	root, err := os.OpenRoot(d.base)
	if err != nil {
		return nil, unwritable(d.base, err)
	}
	if opened, err := root.Stat("."); err != nil || !os.SameFile(info, opened) {
		return nil, errors.Join(linked(d.base), root.Close())
	}
	return root, nil
}

// obstacle says what is in the place of a directory, nil where that is a directory.
func (d Dir) obstacle(place string) error {
	info, err := os.Lstat(place)
	switch {
	case err != nil || info.IsDir():
		return nil //nolint:nilerr // nothing is there that can be named
	case info.Mode()&fs.ModeSymlink != 0:
		return linked(place)
	}
	return problem.New(problem.Failed, "rename or remove it: the targets leave images, logs and reports in a directory of this name",
		"opening %q: it is a file", place)
}

// checkParents refuses links on the way to a name, slash-separated and below base, itself included.
func (d Dir) checkParents(root *os.Root, name string) error {
	for at := name; at != "."; at = path.Dir(at) {
		if info, err := root.Lstat(at); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return linked(filepath.Join(d.base, filepath.FromSlash(at)))
		}
	}
	return nil
}

func linked(place string) error {
	return problem.New(problem.Failed, "remove the link: the targets write to no place that a link leads to",
		"opening %q: it is a symbolic link, which is not followed", place)
}

func unwritable(place string, err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, errReadOnly) {
		return problem.New(problem.Failed, "make it writable, or remove what another user has left: the targets leave images, logs and "+
			"reports there",
			"writing to %q: %w", place, err)
	}
	return fmt.Errorf("writing to %q: %w", place, err)
}
