package repo

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// missingFile is a file that a branch does not have.
type missingFile struct {
	snapshot *Snapshot
	path     string
}

func (m *missingFile) Error() string {
	return fmt.Sprintf("the file does not exist at commit %s", m.snapshot.Head.Short())
}

// MissingFile returns the path of the file that a branch was read for and does not have, false for every other error.
func MissingFile(err error) (path string, ok bool) {
	missing, ok := errors.AsType[*missingFile](err)
	if !ok {
		return "", false
	}
	return missing.path, true
}

// explainLink explains a missing file by a folder above it that is a symbolic link, which GitHub does not follow. Any other error
// stays as it is, also where the folders cannot be read.
func (s *Store) explainLink(ctx context.Context, err error) error {
	missing, ok := errors.AsType[*missingFile](err)
	if !ok {
		return err
	}
	at := missing.snapshot
	owner, name := github.SplitRepository(at.Repository)
	client := s.GitHub(at)
	tree, folder := string(at.Head), ""
	for segment := range strings.SplitSeq(path.Dir(missing.path), "/") {
		found, res, failed := client.REST().Git.GetTree(ctx, owner, name, tree, false)
		if client.Refusal(res, failed) != nil {
			return err
		}
		folder, tree = path.Join(folder, segment), ""
		for _, entry := range found.Entries {
			if entry.GetPath() != segment {
				continue
			}
			if entry.GetMode() == linkMode {
				return problem.New(problem.Refused, "name the file by the folder that the link leads to: deploy.file in astrago.yaml",
					"%w: %s is a symbolic link, and files below it have another path", missing, folder).
					At(problem.Place{File: at.Place(missing.path)})
			}
			tree = entry.GetSHA()
		}
		if tree == "" {
			return err
		}
	}
	return err
}
