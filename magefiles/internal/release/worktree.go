package release

import (
	"context"
	"path/filepath"

	"github.com/xiilab/astrago-ci/magefiles/internal/build"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// files opens the build contexts, which one Tree reads for the whole run.
func (s *session) files(ctx context.Context) (*worktree.Tree, error) {
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	if s.clients.files != nil {
		return s.clients.files, nil
	}
	cache, err := s.cacheDir()
	if err != nil {
		return nil, err
	}
	options := worktree.Options{Root: s.root, Hidden: build.HiddenPaths(s.root, s.dist("images"), s.dist("logs")), CacheDir: filepath.Join(cache, "worktree")}
	options.Hidden = append(options.Hidden, secretFiles(s.config, s.root)...)
	s.clients.files, err = worktree.Open(ctx, options)
	return s.clients.files, err
}

// secretFiles are the absolute paths of the files that secrets and keys are in, of all components: -only must not change what
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
