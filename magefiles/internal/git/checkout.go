package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// Checkout is a temporary working tree of another commit, with the submodules that are checked out beside it. Remove it.
type Checkout struct {
	Root string // of the application in it

	dir   string
	trees []linkedTree
}

// linkedTree is a working tree that git knows of (git help worktree).
type linkedTree struct {
	git   repository // that it belongs to
	dir   string
	whole bool // git has made it to the end
}

// removeTime is the time that git has to remove a working tree, also after the end of a run.
const removeTime = 30 * time.Second

var errSlowRemoval = errors.New("git has not removed it in time")

// CheckOut makes a working tree of a revision of the repository that root is in, below the system's temporary directory. The
// error is one of git's where there is no such revision. Hooks are not run.
func CheckOut(ctx context.Context, root, revision string) (*Checkout, error) {
	git := repository{dir: root}
	commit, err := git.readID(ctx, "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("finding %q: %w", revision, errors.Join(err, context.Cause(ctx)))
	}
	var top, prefix string
	err = askAll(
		func() (err error) { top, err = git.output(ctx, "rev-parse", "--show-toplevel"); return err },
		func() (err error) { prefix, err = git.output(ctx, "rev-parse", "--show-prefix"); return err },
	)
	if err != nil {
		return nil, fmt.Errorf("checking out %q: %w", revision, err)
	}
	c := &Checkout{}
	if c.dir, err = os.MkdirTemp("", "astrago-checkout-"); err != nil {
		return nil, fmt.Errorf("checking out %q: %w", revision, err)
	}
	tree := filepath.Join(c.dir, "tree")
	c.Root = filepath.Join(tree, filepath.FromSlash(prefix))
	if err := c.addFile(ctx, repository{dir: filepath.FromSlash(top)}, tree, commit); err != nil {
		return nil, errors.Join(fmt.Errorf("checking out %q: %w", revision, err), c.Remove(ctx))
	}
	return c, nil
}

// addFile checks a commit out, then the submodules that it names. One that is not checked out here, or lacks the commit, stays
// empty, as in a clone without submodules.
func (c *Checkout) addFile(ctx context.Context, git repository, dir string, commit commitid.ID) error {
	_, err := git.output(ctx, "worktree", "add", "--detach", "--force", "--quiet", dir, string(commit))
	c.trees = append(c.trees, linkedTree{git: git, dir: dir, whole: err == nil})
	if err != nil {
		return err
	}
	entries, err := git.listNul(ctx, "ls-tree", "-r", "-z", string(commit))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		about, name, _ := strings.Cut(entry, "\t")
		fields := strings.Fields(about) // mode, type, id
		if len(fields) != 3 || fields[0] != ModeSubmodule {
			continue
		}
		submodule := repository{dir: filepath.Join(git.dir, filepath.FromSlash(path.Clean(name)))}
		if !checkedOut(submodule.dir) {
			continue
		}
		if _, err := submodule.output(ctx, "cat-file", "-e", fields[2]+"^{commit}"); err != nil {
			continue
		}
		if err := c.addFile(ctx, submodule, filepath.Join(dir, filepath.FromSlash(name)), commitid.ID(fields[2])); err != nil {
			return err
		}
	}
	return nil
}

// Remove removes the working tree, also once ctx has ended.
func (c *Checkout) Remove(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), removeTime, errSlowRemoval)
	defer cancel()
	var errs []error
	for _, tree := range slices.Backward(c.trees) {
		_, err := tree.git.output(ctx, "worktree", "remove", "--force", "--force", tree.dir)
		if tree.whole {
			errs = append(errs, err)
		}
	}
	errs = append(errs, os.RemoveAll(c.dir))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("removing a temporary working tree: %w", err)
	}
	return nil
}
