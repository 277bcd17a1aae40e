package release

import (
	"context"
	"maps"
	"path/filepath"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/output"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// files opens the build contexts, which one Tree reads for the whole run.
func (s *session) files(ctx context.Context) (*worktree.Tree, error) {
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	if s.clients.files != nil {
		return s.clients.files, nil
	}
	options := worktree.Options{Root: s.root, Hidden: []string{filepath.Join(s.root, output.Name)}}
	options.Hidden = append(options.Hidden, secretFiles(s.config, s.root)...)
	if ci, _ := s.vars.Lookup("CI"); ci != "true" { // a fresh clone on a fresh machine
		cache, err := s.cacheDir()
		if err != nil {
			return nil, err
		}
		options.CacheDir = filepath.Join(cache, "worktree")
	}
	var err error
	s.clients.files, err = worktree.Open(ctx, options)
	return s.clients.files, err
}

// readsFiles reports whether the build contexts were opened.
func (s *session) readsFiles() bool {
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	return s.clients.files != nil
}

// closeFiles keeps for the next run what reading the files has cost.
func (s *session) closeFiles() {
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	if s.clients.files == nil {
		return
	}
	if err := s.clients.files.Close(); err != nil {
		s.console.Note("the next run reads all files again: " + err.Error())
	}
}

// requireServed refuses what builds got if it is not known to be the commit's files: git has just called the tree clean, which it
// also does of what it was told not to look at, and of a file that was put back.
func (s *session) requireServed(ctx context.Context, what string) error {
	files, err := s.files(ctx)
	if err != nil {
		return err
	}
	if err := s.requireCertain(ctx, what); err != nil {
		return err
	}
	changed, err := files.Changed(ctx)
	if err != nil {
		return err
	}
	if len(changed) > 0 {
		return problem.New(problem.Refused, "let what writes it come to its end, then "+problem.Again,
			"refusing to %s: %s was written while the images were built", what, changed[0])
	}
	return nil
}

// requireCertain refuses what builds would get and git was told not to look at. Where no file was read, none is served.
func (s *session) requireCertain(ctx context.Context, what string) error {
	found, err := s.doubts(ctx)
	if err != nil {
		return err
	}
	return worktree.RequireCertain(what, found)
}

// doubts are what is not known to be the commit's of the files that were read.
func (s *session) doubts(ctx context.Context) ([]worktree.Finding, error) {
	if !s.readsFiles() {
		return nil, nil
	}
	files, err := s.files(ctx)
	if err != nil {
		return nil, err
	}
	return files.Uncertain(ctx, nil)
}

// requireCertainBuild is requireCertain for images that another process has built: only where something is in doubt in the whole
// repository it is worth finding out what they were built from. Where that cannot be known, all of it counts.
func (s *session) requireCertainBuild(ctx context.Context, what string) error {
	files, err := s.files(ctx)
	if err != nil {
		return err
	}
	found, err := files.Uncertain(ctx, append(s.contextsOutside(s.plan.Images), "."))
	if err != nil || len(found) == 0 {
		return err
	}
	all, err := s.keysOf().of(ctx, s.plan.Images)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.why != "" {
			return worktree.RequireCertain(what, found)
		}
	}
	return s.requireCertain(ctx, what)
}

// contextsOutside are the build contexts of images, and of what they need, that links lead out of the root.
func (s *session) contextsOutside(images []plan.Image) (outside []string) {
	root, err := filepath.EvalSymlinks(s.root)
	if err != nil {
		return nil // then there are none
	}
	for _, image := range images {
		for _, dir := range append(slices.Collect(maps.Values(image.Contexts)), image.Context) {
			place, err := filepath.EvalSymlinks(filepath.Join(s.root, filepath.FromSlash(dir))) // an image is no place
			rel, unrelated := filepath.Rel(root, place)
			if err == nil && (unrelated != nil || !filepath.IsLocal(rel)) {
				outside = append(outside, dir)
			}
		}
		outside = append(outside, s.contextsOutside(image.Needs)...)
	}
	return outside
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
