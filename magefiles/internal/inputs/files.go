package inputs

import (
	"context"
	"path/filepath"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// OwnedPaths returns what belongs to astrago-ci in an application's working tree at root, relative to it, with slashes.
type OwnedPaths func(ctx context.Context, root string) []string

// Files are the build contexts of an application repository, opened when they are first needed and read by one tree for the whole
// run. They are safe for concurrent use.
type Files struct {
	root     string
	config   *config.Config
	owned    OwnedPaths             // nil: no path is
	cacheDir func() (string, error) // where what was read is kept for the next run; nil: nowhere

	mu   sync.Mutex
	tree *worktree.Tree // nil until it was opened
}

// NewFiles returns the files below root, without those that hold the secrets of a configuration. The owned paths are in no image that
// does not name them.
func NewFiles(root string, c *config.Config, owned OwnedPaths, cacheDir func() (string, error)) *Files {
	return &Files{root: root, config: c, owned: owned, cacheDir: cacheDir}
}

// Open returns the tree that reads the files.
func (f *Files) Open(ctx context.Context) (*worktree.Tree, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tree != nil {
		return f.tree, nil
	}
	options := worktree.Options{Root: f.root, Hidden: []string{filepath.Join(f.root, output.Name)}}
	options.Hidden = append(options.Hidden, secretFiles(f.config, f.root)...)
	if f.owned != nil {
		options.NamedOnly = append(f.owned(ctx, f.root), config.FileName)
	}
	var err error
	if f.cacheDir != nil {
		if options.CacheDir, err = f.cacheDir(); err != nil {
			return nil, err
		}
	}
	f.tree, err = worktree.Open(ctx, options)
	return f.tree, err
}

// isOpen reports whether the build contexts were opened.
func (f *Files) isOpen() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tree != nil
}

// Reset forgets what was read.
func (f *Files) Reset(ctx context.Context) error {
	tree, err := f.Open(ctx)
	if err == nil {
		tree.Reset(ctx)
	}
	return err
}

// Close keeps for the next run what reading the files has cost.
func (f *Files) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.tree == nil {
		return nil
	}
	return f.tree.Close()
}

// secretFiles returns the absolute paths of the files that secrets and keys are in, of all components: -only must not change what
// the others are made of. They are not cleaned, as `..` behind a link leads elsewhere.
func secretFiles(c *config.Config, root string) []string {
	var files []string
	add := func(name string) {
		switch name = filepath.FromSlash(name); {
		case name == "":
		case filepath.IsAbs(name):
			files = append(files, name)
		default:
			files = append(files, root+string(filepath.Separator)+name)
		}
	}
	for _, component := range c.Components {
		for _, secret := range component.Secrets {
			add(secret.File)
		}
		for _, key := range component.SSH {
			add(key.Path)
		}
	}
	return files
}
