package deployment

import (
	"bytes"
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/values"
)

// Draft is what a deployment would change in a Snapshot. Without changes there is nothing to commit.
type Draft struct {
	Snapshot *Snapshot    // what it was computed from; its Head is the parent that the commit requires
	Files    []DraftFile  // changed files only, in the plan's order
	Changes  []FileChange // in the plan's order
}

// DraftFile is a file's whole new content.
type DraftFile struct {
	Path   string
	Bytes  []byte
	Delete bool // the file is to go, Bytes is nil
}

// paths are the files that the draft changes.
func (d *Draft) paths() []string {
	all := make([]string, len(d.Files))
	for i, f := range d.Files {
		all[i] = f.Path
	}
	return all
}

// FileChange is one scalar that a component's expressions change.
type FileChange struct {
	File      string // path in the deployment repository
	Component string
	values.Change
}

// Edit computes what d changes, without touching anything. Its errors point at repository@branch:path:line:column.
func (s *Snapshot) Edit(d plan.Deployment) (*Draft, error) {
	draft := &Draft{Snapshot: s}
	for _, f := range d.Files {
		original := s.Files[f.Path]
		edited, changes, err := s.editFile(f, original)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(edited, original) {
			draft.Files = append(draft.Files, DraftFile{Path: f.Path, Bytes: edited})
			draft.Changes = append(draft.Changes, changes...)
		}
	}
	return draft, nil
}

// editFile applies all components at once where their expressions say which component sets what, because a large file
// takes seconds for each evaluation; else one after the other, so that each change has an owner.
func (s *Snapshot) editFile(f plan.File, doc []byte) ([]byte, []FileChange, error) {
	if len(f.Edits) == 0 {
		return doc, nil, nil
	}
	options := values.Options{Create: f.Create}
	if owner := plainOwners(f.Edits); owner != nil {
		edit, err := options.Apply(doc, expressions(f.Edits)...)
		if err != nil {
			return nil, nil, s.locate(err, f.Path)
		}
		if changes, ok := assign(edit.Changes, f, owner); ok {
			return edit.Bytes, changes, nil
		}
	}
	var changes []FileChange
	taken := claims{}
	for _, e := range f.Edits {
		edit, err := options.Apply(doc, e.Expressions...)
		if err != nil {
			return nil, nil, s.locate(err, f.Path)
		}
		if err := taken.claim(s.place(f.Path), e.Component, edit); err != nil {
			return nil, nil, err
		}
		for _, c := range edit.Changes {
			changes = append(changes, FileChange{File: f.Path, Component: e.Component, Change: c})
		}
		doc = edit.Bytes
	}
	return doc, changes, nil
}

// locate puts the file's name into an error of values, which knows lines but no names.
func (s *Snapshot) locate(err error, path string) error {
	p := problem.As(err)
	if p == nil {
		return fmt.Errorf("editing %s: %w", s.place(path), err)
	}
	located := *p // the original belongs to its maker
	located.Place.File = s.place(path)
	return &located
}
