package git

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// readStatus begins to compare the working tree with its commit.
func (r repository) readStatus(ctx context.Context) State {
	var dirty []string
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		if dirty, err = r.changedPaths(ctx); err != nil {
			err = fmt.Errorf("reading the state of the working tree: %w", err)
		}
	}()
	return func() ([]string, error) {
		<-done
		return dirty, err
	}
}

// lookingClosely has git compare files by all that it knows of them, whatever settings say.
func lookingClosely(args ...string) []string {
	settings := []string{
		"-c", "core.quotePath=false", "-c", "core.trustctime=true", "-c", "core.checkStat=default", "-c", "core.ignoreCase=false",
	}
	return append(settings, args...)
}

// Modified returns the files that git itself says differ from its index, by paths in the repository that has its top at a directory.
func Modified(ctx context.Context, top string) ([]string, error) {
	names, err := repository{dir: top}.listNul(ctx,
		lookingClosely("diff", "--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-renames", "--ignore-submodules=all")...)
	if err != nil {
		return nil, fmt.Errorf("listing the files that differ: %w", err)
	}
	return names, nil
}

// changedPaths counts untracked files too: a context holds them, so an image would. Neither the configuration of submodules nor
// settings that make git look less closely may hide a change; a name in other letters is another file to a build.
func (r repository) changedPaths(ctx context.Context) (dirty []string, err error) {
	var submodules, lines []string
	var top, own string
	err = askAll(
		func() (err error) { top, submodules, err = r.listSubmodules(ctx); return err },
		func() (err error) {
			own, err = r.output(ctx, lookingClosely("status", "--porcelain=v1", "--untracked-files=all",
				"--ignore-submodules=none", "--", ":/")...)
			return err
		},
	)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(own) {
		dirty = append(dirty, strings.TrimSuffix(line, "\n"))
	}
	for _, name := range submodules { // git asks each of them by its own configuration
		if lines, err = (repository{dir: filepath.Join(top, filepath.FromSlash(name))}).changedPaths(ctx); err != nil {
			return nil, err
		}
		for _, line := range lines {
			dirty = append(dirty, isWithin(name, line))
		}
	}
	return dirty, nil
}

// columns of git status come before the path, which is quoted where it has odd characters.
const columns = len("XY ")

// isWithin returns a line of git status with the path from the repository that the submodule is in.
func isWithin(submodule, line string) string {
	if len(line) < columns {
		return line
	}
	path, quoted := strings.CutPrefix(line[columns:], `"`)
	if quoted {
		return line[:columns] + `"` + submodule + "/" + path
	}
	return line[:columns] + submodule + "/" + path
}

// listSubmodules lists those that are checked out, relative to the top of the working tree.
func (r repository) listSubmodules(ctx context.Context) (top string, names []string, err error) {
	entries, err := r.listNul(ctx, "ls-files", "--stage", "--full-name", "-z", "--", ":/")
	if err != nil {
		return "", nil, err
	}
	for _, entry := range entries {
		about, name, _ := strings.Cut(entry, "\t")
		if !strings.HasPrefix(about, ModeSubmodule+" ") {
			continue
		}
		if top == "" {
			if top, err = r.output(ctx, "rev-parse", "--show-toplevel"); err != nil {
				return "", nil, err
			}
		}
		if checkedOut(filepath.Join(top, filepath.FromSlash(name))) {
			names = append(names, name)
		}
	}
	return top, names, nil
}

// checkedOut reports whether a directory is the top of a working tree; in one that is not, git would answer for the outer one.
func checkedOut(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, ".git"))
	return err == nil
}
