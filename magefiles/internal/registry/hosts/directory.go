package hosts

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/subpath"
)

// hostsFile is containerd's file of a registry.
const hostsFile = "hosts.toml"

// fallbackName is the directory of all registries that have none of their own.
const fallbackName = "_default"

// maxFile bounds what is read of a file, in bytes.
const maxFile = 1 << 20

// directories are those that a machine's files are looked for in: one that a person has named, which comes first and may be empty,
// containerd's and docker's.
func directories(named string) ([]Directory, error) {
	all := []Directory{{Path: "/etc/containerd/certs.d"}, {Path: "/etc/docker/certs.d"}}
	if named == "" {
		return all, nil
	}
	if !filepath.IsAbs(named) {
		return nil, problem.New(problem.Usage, "write it from the root, such as /etc/astrago-ci/certs.d",
			"reading ASTRAGO_CERTS_D: %q is not an absolute path", named)
	}
	return append([]Directory{{Path: filepath.Clean(named), Wanted: true}}, all...), nil
}

// find returns the directory of a registry, the first that there is; empty where there is none. Directories of its own, of whatever
// root, come before those for all.
func (m *Machine) find(registry string) (string, error) {
	own := []string{registry}
	if at := strings.LastIndexByte(registry, ':'); at > 0 {
		// Colons are no part of names on Windows, and separate paths elsewhere.
		own = []string{registry[:at] + "_" + registry[at+1:] + "_", registry}
	}
	if !isElement(registry) { // a redirect leads to any host, also to `..`
		own = nil
	}
	for _, names := range [][]string{own, {fallbackName}} {
		for _, root := range m.Dirs {
			for _, name := range names {
				dir := filepath.Join(root.Path, name)
				found, err := m.isDirectory(root, dir)
				if err != nil {
					return "", cannotRead(registry, dir, err)
				}
				if found {
					return dir, nil
				}
			}
		}
	}
	return "", nil
}

// isElement reports whether a name is one element of a path, and leads nowhere else.
func isElement(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsAny(name, `/\`)
}

// isDirectory reports whether a registry has a directory. A link that leads nowhere is an error, as is anything that this user may
// not see below a root that was named; a machine's own root may be for its administrators alone.
func (m *Machine) isDirectory(root Directory, dir string) (bool, error) {
	if _, err := os.Lstat(dir); err != nil {
		if errors.Is(err, fs.ErrNotExist) || !root.Wanted && errors.Is(err, fs.ErrPermission) {
			return false, nil
		}
		return false, err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return false, err
	}
	if !info.IsDir() {
		return false, errors.New("it is not a directory")
	}
	return true, m.requireOwn(dir)
}

// checkNamed reports what is wrong with the directory that a person has named.
func (m *Machine) checkNamed() error {
	for _, root := range m.Dirs {
		if !root.Wanted {
			continue
		}
		info, err := os.Stat(root.Path)
		switch {
		case err == nil && !info.IsDir():
			err = errors.New("it is not a directory")
		case err == nil:
			err = m.requireOwn(root.Path)
		}
		if err != nil {
			return cannotRead("", root.Path, err)
		}
	}
	return nil
}

// requireOwn refuses what is in the foreign directory in the end, whatever links lead there.
func (m *Machine) requireOwn(file string) error {
	if m.Foreign == "" {
		return nil
	}
	target, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	foreign, err := filepath.EvalSymlinks(m.Foreign)
	if err != nil {
		return err
	}
	if _, within := subpath.Of(foreign, target); within {
		return errForeign
	}
	return nil
}

// errForeign is a file that a commit can change.
var errForeign = errors.New("it is a file of the application's repository, and only the machine may say how registries are reached")

// readFile reads a file of a registry's directory; nothing where there is none.
func (m *Machine) readFile(dir, name string) ([]byte, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, name)
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	data, err := m.readRegular(path)
	if err != nil {
		return nil, cannotRead("", path, err)
	}
	return data, nil
}

func (m *Machine) readRegular(path string) ([]byte, error) {
	if err := m.requireOwn(path); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a file")
	case info.Size() > maxFile:
		return nil, fmt.Errorf("it has %d bytes, and %d are the most that are read", info.Size(), maxFile)
	}
	return os.ReadFile(path)
}

// cannotRead returns the reason why a registry has no settings: the file's meaning is not known, and the registry may need TLS that it
// sets.
func cannotRead(registry, path string, err error) error {
	failed := (*fs.PathError)(nil)
	if errors.As(err, &failed) {
		err = failed.Err
	}
	remedy := fmt.Sprintf("repair %s, or remove it if it is not needed", path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		remedy = fmt.Sprintf("let this user read %s", path)
	case errors.Is(err, errForeign):
		remedy = "keep such files outside of the repository, and name their directory in ASTRAGO_CERTS_D"
	case errors.Is(err, fs.ErrNotExist):
		remedy = fmt.Sprintf("%s leads nowhere: repair the link, or remove it", path)
	}
	what := "the registry settings of this machine"
	if registry != "" {
		what = fmt.Sprintf("this machine's settings for the registry %q", registry)
	}
	return problem.New(problem.Usage, remedy, "reading %s: %q: %w", what, path, err)
}
