package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Tree is what git knows of the files below the application root, without reading those that it knows already.
type Tree struct {
	Files   []File   // tracked, and in a changed tree also what git add would take; sorted by path
	Ignored []string // present but ignored by git, as patterns tell; directories that are ignored as a whole end in /
}

// File is one file with what its content is identified by.
type File struct {
	Path string // slash-separated, relative to the root
	Mode string // git's: 100644, 100755, 120000 for a link, 160000 for a submodule
	ID   string // of the blob, or of the submodule's commit; of a file that differs from the commit "sha256:" and its sum
}

// ReadTree gives the files of the commit as they are in the working tree. A submodule that differs from its commit has no
// ID, since nothing says what is in it.
func ReadTree(ctx context.Context, c Commit) (Tree, error) {
	git := repository{dir: c.Root}
	var tree Tree
	var ignored []string
	err := together(
		func() (err error) { tree, err = git.present(ctx, c); return err },
		func() (err error) { ignored, err = git.ignored(ctx); return err },
	)
	tree.Ignored = ignored
	return tree, err
}

// present gives the files of the commit, with what the working tree changes of them.
func (r repository) present(ctx context.Context, c Commit) (Tree, error) {
	tree, err := TreeAt(ctx, r.dir, "HEAD")
	if err == nil && c.IsDirty() {
		tree.Files, err = r.changedFiles(ctx, tree.Files)
	}
	return tree, err
}

// ignored lists what git ignores, but for what targets write themselves into dist, whose other files are listed one by one.
func (r repository) ignored(ctx context.Context) ([]string, error) {
	args := []string{"ls-files", "-z", "--others", "--ignored", "--exclude-standard"}
	outputs := Outputs(r.dir)
	within := append(slices.Clone(args), "--", OutputDir)
	for _, output := range outputs {
		within = append(within, ":(exclude,literal)"+output) // git need not list the images' blobs
	}
	var paths, inside []string
	err := together(
		func() (err error) { paths, err = r.list(ctx, append(args, "--directory")...); return err },
		func() (err error) { inside, err = r.list(ctx, within...); return err },
	)
	if err != nil {
		return nil, fmt.Errorf("reading what git ignores: %w", err)
	}
	if at := slices.Index(paths, OutputDir+"/"); at >= 0 {
		paths = slices.Concat(paths[:at], inside, paths[at+1:])
	}
	return slices.DeleteFunc(paths, func(path string) bool { return isOutput(outputs, path) }), nil
}

// TreeAt gives the files of a revision; nothing is read of the working tree.
func TreeAt(ctx context.Context, root, revision string) (Tree, error) {
	entries, err := repository{dir: root}.list(ctx, "ls-tree", "-r", "-z", "--end-of-options", revision)
	if err != nil {
		return Tree{}, fmt.Errorf("reading the tree of %q: %w", revision, err)
	}
	tree := Tree{Files: make([]File, 0, len(entries))}
	for _, entry := range entries {
		about, path, _ := strings.Cut(entry, "\t")
		if fields := strings.Fields(about); len(fields) == 3 {
			tree.Files = append(tree.Files, File{Path: path, Mode: fields[0], ID: fields[2]})
		}
	}
	return tree, nil
}

// list runs git and splits its answer at the zero bytes.
func (r repository) list(ctx context.Context, args ...string) ([]string, error) {
	out, err := r.output(ctx, args...)
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(out, func(r rune) bool { return r == 0 }), nil
}

// changedFiles replaces what differs from the commit by what is there, and adds what is new.
func (r repository) changedFiles(ctx context.Context, files []File) ([]File, error) {
	changed, err := r.list(ctx, "diff", "--name-only", "-z", "--relative", "--no-renames", "HEAD")
	if err != nil {
		return nil, fmt.Errorf("reading what has changed: %w", err)
	}
	added, err := r.list(ctx, "ls-files", "-z", "--others", "--exclude-standard")
	if err != nil {
		return nil, fmt.Errorf("reading what is new: %w", err)
	}
	differs := map[string]bool{}
	for _, path := range append(changed, added...) {
		differs[path] = true
	}
	files = slices.DeleteFunc(files, func(f File) bool { return differs[f.Path] })
	for path := range differs {
		file, err := readFile(r.dir, path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, fmt.Errorf("reading a changed file: %w", err)
		default:
			files = append(files, file)
		}
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// readFile identifies a file of the working tree by its content.
func readFile(root, path string) (File, error) {
	name := filepath.Join(root, filepath.FromSlash(path))
	info, err := os.Lstat(name)
	if err != nil {
		return File{}, err
	}
	f := File{Path: path, Mode: "100644"}
	switch {
	case info.IsDir():
		f.Mode = "160000"
		return f, nil
	case info.Mode()&fs.ModeSymlink != 0:
		f.Mode = "120000"
		target, err := os.Readlink(name)
		f.ID = sum(strings.NewReader(target))
		return f, err
	case info.Mode()&0o111 != 0:
		f.Mode = "100755"
	}
	content, err := os.Open(name)
	if err != nil {
		return File{}, err
	}
	defer content.Close()
	f.ID = sum(content)
	if f.ID == "" {
		return File{}, fmt.Errorf("reading %q: the file is not readable to its end", path)
	}
	return f, nil
}

// sum is empty where the content cannot be read.
func sum(content io.Reader) string {
	hash := sha256.New()
	if _, err := io.Copy(hash, content); err != nil {
		return ""
	}
	return "sha256:" + hex.EncodeToString(hash.Sum(nil))
}
