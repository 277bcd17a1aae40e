package git

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// Submodule is a repository within the application repository, as far as is known here without a network.
type Submodule struct {
	Path     string      // slash-separated, relative to the root
	Recorded commitid.ID // the commit that the application repository names
	Head     Commit      // what is checked out; no SHA where nothing is
	Dirty    bool        // it differs from its commit
	Upstream string      // the branch of its remote that Behind counts to, such as origin/main; empty where none is known
	Behind   int         // commits of Upstream that Head lacks, as of the last fetch
	Latest   string      // newest version tag that is known, no preliminary one; empty where there is none
	Newer    bool        // Head does not have Latest
}

// ErrNoSubmodule is a path that is no submodule of the application repository.
var ErrNoSubmodule = errors.New("not a submodule")

// ReadSubmodule reads the state of the submodule at a path of the application repository. A shallow clone knows fewer tags
// and counts fewer commits.
func ReadSubmodule(ctx context.Context, root, path string) (Submodule, error) {
	s := Submodule{Path: path}
	entry, err := repository{dir: root}.output(ctx, "ls-files", "--stage", "--", path)
	if err != nil {
		return s, fmt.Errorf("reading the submodule %s: %w", path, err)
	}
	fields := strings.Fields(entry)
	if len(fields) < 4 || fields[0] != ModeSubmodule {
		return s, fmt.Errorf("reading %s: %w", path, ErrNoSubmodule)
	}
	if s.Recorded, err = commitid.Parse(fields[1]); err != nil {
		return s, fmt.Errorf("reading the submodule %s: %w", path, err)
	}
	dir := filepath.Join(root, filepath.FromSlash(path))
	if !checkedOut(dir) { // an empty directory, which says all
		return s, nil
	}
	if err := s.readHead(ctx, repository{dir: dir}); err != nil {
		return s, fmt.Errorf("reading the submodule %s: %w", path, err)
	}
	return s, nil
}

func (s *Submodule) readHead(ctx context.Context, git repository) (err error) {
	if s.Head, err = git.showCommit(ctx, "HEAD"); err != nil {
		return err
	}
	changed, err := git.output(ctx, "status", "--porcelain=v1")
	if err != nil {
		return err
	}
	s.Dirty = changed != ""
	if err := s.countBehind(ctx, git); err != nil {
		return err
	}
	versions, err := Versions(ctx, git.dir)
	if s.Latest = Latest(versions); err != nil || s.Latest == "" {
		return err
	}
	has, err := git.isAncestor(ctx, s.Latest, "HEAD")
	s.Newer = !has
	return err
}

// Versions returns the tags of versions that a clone knows, the newest first; all, or those that about chooses among all tags.
func Versions(ctx context.Context, dir string, about ...string) ([]string, error) {
	tags, err := Output(ctx, dir, append([]string{"tag", "--no-column", "--list", "v[0-9]*", "--sort=-version:refname"}, about...)...)
	return strings.Fields(tags), err
}

// Latest returns the first of Versions that is no preliminary one, which is asked for by name; empty where there is none.
func Latest(versions []string) string {
	for _, version := range versions {
		if !strings.Contains(version, "-") {
			return version
		}
	}
	return ""
}

// countBehind asks the branches that a clone knows: the remote's default one, else its main.
func (s *Submodule) countBehind(ctx context.Context, git repository) error {
	for _, upstream := range []string{"origin/HEAD", "origin/main"} {
		name, err := git.output(ctx, "rev-parse", "--abbrev-ref", "--verify", "--quiet", upstream)
		if _, unknown := errors.AsType[*gitError](err); unknown {
			continue
		}
		if err != nil {
			return err
		}
		count, err := git.output(ctx, "rev-list", "--count", "HEAD.."+name)
		if err != nil {
			return err
		}
		s.Upstream = name
		s.Behind, err = strconv.Atoi(count)
		return err
	}
	return nil
}
