package git

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Index lists the files that git tracks in a working tree, its submodules included as far as they are checked out.
type Index struct {
	Top      string // absolute directory of the outermost repository
	Files    []Indexed
	Converts bool // something else than the .gitattributes of the working tree may convert files (see Conversions)
}

// Indexed is a file, link or submodule as git's index has it.
type Indexed struct {
	Path       string // slash-separated, relative to Index.Top
	Mode       string // git's, as in File
	Unchanged  bool   // flagged assume-unchanged: git does not look whether the file differs
	Skipped    bool   // flagged skip-worktree, as a sparse checkout does: the file need not be there
	FileMode   bool   // core.fileMode: the file system's executable bits mean something
	CheckedOut bool   // of a submodule: its files are there, and are entries of their own
	Object     string // the binary id of the object that has the bytes, of 20 bytes (SHA-1) or 32 (SHA-256)
}

// The modes of git that are no regular files.
const (
	modeExecutable = "100755"
	ModeLink       = "120000"
	ModeSubmodule  = "160000"
)

// Executable reports whether git has a file as executable.
func (f Indexed) Executable() bool { return f.Mode == modeExecutable }

// ReadIndex returns what git tracks in the repository that dir is in. Outside of a repository nothing is tracked.
func ReadIndex(ctx context.Context, dir string) (Index, error) {
	top, attributes, err := repository{dir: dir}.settingPlaces(ctx)
	if isAnswer(err, "not a git repository") || err == nil && top == "" {
		return Index{}, nil
	}
	if err != nil {
		return Index{}, fmt.Errorf("reading git's index: %w", err)
	}
	index := Index{Top: top}
	if err := index.addRepository(ctx, "", attributes); err != nil {
		return Index{}, fmt.Errorf("reading git's index: %w", err)
	}
	return index, nil
}

// addRepository adds the entries of the repository at a path below Top, then those of its submodules. attributes is its own file of them.
func (x *Index) addRepository(ctx context.Context, below, attributes string) error {
	git := repository{dir: filepath.Join(x.Top, filepath.FromSlash(below))}
	var entries []string
	var set checkoutSettings
	err := askAll(
		func() (err error) { entries, err = git.listNul(ctx, "ls-files", "--stage", "-v", "-z"); return err },
		func() (err error) { set, err = git.readSettings(ctx, attributes); return err },
	)
	if err != nil {
		return err
	}
	x.Converts = x.Converts || set.convertsLines()
	x.Files = slices.Grow(x.Files, len(entries))
	var submodules []string
	for _, entry := range entries {
		file, err := parseIndexed(entry)
		if err != nil {
			return err
		}
		file.Path, file.FileMode = path.Join(below, file.Path), set.fileMode
		if file.Mode == ModeSubmodule {
			if file.CheckedOut = checkedOut(filepath.Join(x.Top, filepath.FromSlash(file.Path))); file.CheckedOut {
				submodules = append(submodules, file.Path)
			}
		}
		x.Files = append(x.Files, file)
	}
	for _, submodule := range submodules {
		attributes, err := submoduleAttributes(ctx, filepath.Join(x.Top, filepath.FromSlash(submodule)))
		if err == nil {
			err = x.addRepository(ctx, submodule, attributes)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// submoduleAttributes returns the own file of attributes of the submodule at a directory. Where what is called .git there is no repository,
// git answers for the outer one, whose index has the submodule again.
func submoduleAttributes(ctx context.Context, dir string) (string, error) {
	top, attributes, err := repository{dir: dir}.settingPlaces(ctx)
	if err != nil {
		return "", err
	}
	if !isSameDir(top, dir) {
		return "", problem.New(problem.Failed, "git submodule update --init --recursive, after .git was removed there",
			"reading the submodule in %q: its .git is not a repository", dir)
	}
	return attributes, nil
}

func isSameDir(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// parseIndexed reads a line of git ls-files --stage -v: tag, mode, id and stage before the path.
func parseIndexed(entry string) (Indexed, error) {
	about, name, _ := strings.Cut(entry, "\t")
	tag, about, _ := strings.Cut(about, " ")
	mode, about, _ := strings.Cut(about, " ")
	digits, _, _ := strings.Cut(about, " ")
	id, err := hex.DecodeString(digits)
	if err != nil || len(id) == 0 {
		return Indexed{}, fmt.Errorf("git answered %q", entry)
	}
	return Indexed{
		Path: name, Mode: gitMode(mode), Object: string(id), Skipped: strings.EqualFold(tag, "s"), Unchanged: strings.ToLower(tag) == tag,
	}, nil
}

// gitMode returns one of the few values that modes have, so that a large index does not keep its whole text in memory.
func gitMode(text string) string {
	for _, known := range []string{"100644", modeExecutable, ModeLink, ModeSubmodule} {
		if text == known {
			return known
		}
	}
	return strings.Clone(text)
}
