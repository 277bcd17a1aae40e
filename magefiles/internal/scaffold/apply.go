package scaffold

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

// changesDisk reports whether something is written for a file.
func (file File) changesDisk() bool {
	return file.Action == Create || file.Action == Change || file.Action == Replace
}

// Apply writes the files below root and gives the paths that it wrote. Files to create are never written over, also when
// they have appeared in between.
func Apply(root string, files []File) ([]string, error) {
	var written []string
	tree, err := os.OpenRoot(root) // symbolic links of the repository lead nowhere else
	if err != nil {
		return nil, fmt.Errorf("opening the repository: %w", err)
	}
	defer func() { _ = tree.Close() }()
	for _, file := range files {
		if !file.changesDisk() {
			continue
		}
		if err := file.writeTo(tree); err != nil {
			return written, fmt.Errorf("writing %s: %w", file.Path, err)
		}
		written = append(written, file.Path)
	}
	return written, nil
}

func (file File) writeTo(tree *os.Root) error {
	target := filepath.FromSlash(file.Path)
	if err := tree.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	flags := os.O_WRONLY | os.O_TRUNC
	if file.Action == Create {
		flags = os.O_WRONLY | os.O_CREATE | os.O_EXCL
	}
	out, err := tree.OpenFile(target, flags, 0o644)
	if err != nil {
		return err
	}
	_, err = out.WriteString(file.Content)
	return errors.Join(err, out.Close())
}

// Diff returns the changes that Apply would make, as a unified diff that `git apply` accepts. It changes nothing in the repository.
func Diff(ctx context.Context, files []File) (string, error) {
	dir, err := os.MkdirTemp("", "astrago-init")
	if err != nil {
		return "", fmt.Errorf("comparing: %w", err)
	}
	defer os.RemoveAll(dir)
	var all strings.Builder
	for i, file := range files {
		if !file.changesDisk() {
			continue
		}
		diff, err := file.diffFromDisk(ctx, filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			return "", fmt.Errorf("comparing %s: %w", file.Path, err)
		}
		all.WriteString(diff)
	}
	return all.String(), nil
}

// diffFromDisk lets git compare the two versions in folders that are called like its own prefixes.
func (file File) diffFromDisk(ctx context.Context, dir string) (string, error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	tree, err := os.OpenRoot(dir)
	if err != nil {
		return "", err
	}
	defer func() { _ = tree.Close() }()
	before, after := os.DevNull, File{Path: "b/" + file.Path, Content: file.Content, Action: Create}
	if file.Action != Create {
		before = "a/" + file.Path
		if err := (File{Path: before, Content: file.Old, Action: Create}).writeTo(tree); err != nil {
			return "", err
		}
	}
	if err := after.writeTo(tree); err != nil {
		return "", err
	}
	cmd := procgroup.Git(ctx, dir, "diff", "--no-index", "--no-color", "--no-ext-diff", "--no-textconv", "--no-prefix", "--", before,
		after.Path)
	cmd.Env = append(cmd.Env, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_DIR="+filepath.Join(dir, "none"))
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 {
		err = nil // there are differences
	}
	return string(out), err
}
