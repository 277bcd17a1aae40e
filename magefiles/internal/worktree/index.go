package worktree

import (
	"context"
	"path"
	"path/filepath"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/subpath"
)

// gitIndex is git's, by path from the outermost repository.
type gitIndex struct {
	top   string // absolute, without links; empty: there is no repository
	files map[string]git.Indexed
	dirs  map[string]struct{} // that files are in

	submodules []string // paths of those that are checked out
	attributes bool     // a file of it is one of attributes
	converts   bool     // something else than those converts files
}

func readIndex(ctx context.Context, root string) (gitIndex, error) {
	read, err := git.ReadIndex(ctx, root)
	if err != nil || read.Top == "" {
		return gitIndex{}, err
	}
	x := gitIndex{files: make(map[string]git.Indexed, len(read.Files)), dirs: map[string]struct{}{}, converts: read.Converts}
	if x.top, err = filepath.EvalSymlinks(read.Top); err != nil {
		return gitIndex{}, err
	}
	for _, file := range read.Files {
		x.files[file.Path] = file
		x.attributes = x.attributes || path.Base(file.Path) == attributesFile
		if file.CheckedOut {
			x.submodules = append(x.submodules, file.Path)
		}
		dir := path.Dir(file.Path)
		if file.Mode == git.ModeSubmodule {
			dir = file.Path
		}
		for ; dir != "."; dir = path.Dir(dir) {
			if _, known := x.dirs[dir]; known {
				break
			}
			x.dirs[dir] = struct{}{}
		}
	}
	return x, nil
}

// pathPrefix returns how the paths of the index begin that are below an absolute directory without links.
func (x gitIndex) pathPrefix(dir string) (prefix string, inside bool) {
	if x.top == "" {
		return "", false
	}
	sub, ok := subpath.Of(x.top, dir)
	if !ok || sub == "." {
		return "", ok
	}
	return sub + "/", true
}

// indexPart is the index below one directory.
type indexPart struct {
	gitIndex
	prefix string
	inside bool
}

func (x gitIndex) subtree(dir string) indexPart {
	prefix, inside := x.pathPrefix(dir)
	return indexPart{gitIndex: x, prefix: prefix, inside: inside}
}

// indexedFile looks up a path relative to the directory.
func (p indexPart) indexedFile(name string) (git.Indexed, bool) {
	if !p.inside {
		return git.Indexed{}, false
	}
	file, found := p.files[p.prefix+filepath.ToSlash(name)]
	return file, found
}

// tracksBelow reports whether git tracks a file below a path relative to the directory.
func (p indexPart) tracksBelow(name string) bool {
	if !p.inside {
		return false
	}
	_, found := p.dirs[p.prefix+filepath.ToSlash(name)]
	return found
}

// matchingFiles returns the entries below the directory for which keep is true, by paths relative to it.
func (p indexPart) matchingFiles(keep func(git.Indexed) bool) []git.Indexed {
	if !p.inside {
		return nil
	}
	var all []git.Indexed
	for _, file := range p.files {
		rest, below := strings.CutPrefix(file.Path, p.prefix)
		if below && keep(file) {
			file.Path = rest
			all = append(all, file)
		}
	}
	return all
}
