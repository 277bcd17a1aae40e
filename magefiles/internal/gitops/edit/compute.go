package edit

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// New computes what d changes in a snapshot, without touching anything. It refuses what would not deploy the images that d names:
// all mistakes at once. Errors point at repository@branch:path:line:column.
func New(s *repo.Snapshot, d plan.Deployment) (*Draft, error) {
	return computeDraft(s, d, (*fileEdit).checkAll)
}

// Unchecked is New without its checks of each edited file.
func Unchecked(s *repo.Snapshot, d plan.Deployment) (*Draft, error) {
	return computeDraft(s, d, nil)
}

func computeDraft(s *repo.Snapshot, d plan.Deployment, check func(*fileEdit) error) (*Draft, error) {
	draft := &Draft{Snapshot: s}
	var mistakes []error
	for _, f := range d.Files {
		original := s.Files[f.Path]
		e := fileEdit{snapshot: s, file: f, original: original}
		edited, err := e.applyEdits()
		if err == nil && check != nil {
			err = check(&e)
		}
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		draft.Assigned = append(draft.Assigned, e.assigned...)
		if !bytes.Equal(edited, original) {
			draft.Files = append(draft.Files, repo.File{Path: f.Path, Bytes: edited})
			draft.Changes = append(draft.Changes, e.changes()...)
		}
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return draft, nil
}

// locateError puts the file's name into the errors of package yamledit, which know lines but no names.
func locateError(s *repo.Snapshot, err error, path string) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, each := range joined.Unwrap() {
			all = append(all, locateError(s, each, path))
		}
		return errors.Join(all...)
	}
	p := problem.As(err)
	if p == nil {
		return fmt.Errorf("editing %s: %w", s.Place(path), err)
	}
	located := *p // the original belongs to its maker
	located.Place.File = s.Place(path)
	return &located
}
