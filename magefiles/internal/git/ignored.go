package git

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// IgnoredDirs returns the directories below root that git ignores as a whole, in submodules, too, slash-separated and relative
// to root. Outside of a repository nothing is ignored.
func IgnoredDirs(ctx context.Context, root string) ([]string, error) {
	index, err := ReadIndex(ctx, root)
	if err != nil || index.Top == "" {
		return nil, err
	}
	prefix, err := repository{dir: root}.output(ctx, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, fmt.Errorf("reading what git ignores: %w", err)
	}
	repositories := []string{""}
	for _, file := range index.Files {
		if below, inside := strings.CutPrefix(file.Path, prefix); inside && file.CheckedOut {
			repositories = append(repositories, below)
		}
	}
	var dirs []string
	for _, below := range repositories {
		git := repository{dir: filepath.Join(root, filepath.FromSlash(below))}
		names, err := git.listNul(ctx, "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
		if err == nil {
			names = slices.DeleteFunc(names, func(name string) bool { return name == "./" || !strings.HasSuffix(name, "/") })
			names, err = git.matchedPaths(ctx, names)
		}
		if err != nil {
			return nil, fmt.Errorf("reading what git ignores: %w", err)
		}
		for _, name := range names {
			dirs = append(dirs, path.Join(below, name))
		}
	}
	return dirs, nil
}

// matchedPaths are the paths that a pattern ignores by themselves: git also lists a directory of which it tracks nothing and all
// files are ignored one by one.
func (r repository) matchedPaths(ctx context.Context, paths []string) ([]string, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	out, err := r.runQuery(ctx, strings.Join(paths, "\x00")+"\x00", "check-ignore", "--stdin", "-z")
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 {
		err = nil // none
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 }), err
}
