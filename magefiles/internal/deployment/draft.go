package deployment

import (
	"bytes"
	"errors"
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

	kept []Kept // components that are left alone
	all  *Draft // with these set as well; nil where there are none

	subject string // of the commit, as long as no guard is overridden

	assigned []assignment // all scalars of the deployment's components, in the plan's order
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

// FileChange is one scalar that a component's expressions change. One that several components set is a change of each.
type FileChange struct {
	File      string // path in the deployment repository
	Component string
	Path      string // as yq prints it
	Line      int    // of the value before the change, from 1
	Document  int    // of the file, from 0
	Old, New  values.Excerpt
	Shared    []string // other places of the file that repeat the value, as "path (line n)"
}

// Edit computes what d changes, without touching anything. It refuses what would not deploy the images that d names: all
// mistakes at once. Errors point at repository@branch:path:line:column.
func (s *Snapshot) Edit(d plan.Deployment) (*Draft, error) {
	return s.edit(d, (*fileEdit).check)
}

// edit is Edit with another check of each file, nil for none.
func (s *Snapshot) edit(d plan.Deployment, check func(*fileEdit) error) (*Draft, error) {
	draft := &Draft{Snapshot: s}
	var mistakes []error
	for _, f := range d.Files {
		original := s.Files[f.Path]
		e := fileEdit{snapshot: s, file: f, original: original}
		edited, err := e.run()
		if err == nil && check != nil {
			err = check(&e)
		}
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		draft.assigned = append(draft.assigned, e.assigned...)
		if !bytes.Equal(edited, original) {
			draft.Files = append(draft.Files, DraftFile{Path: f.Path, Bytes: edited})
			draft.Changes = append(draft.Changes, e.changes()...)
		}
	}
	if len(mistakes) > 0 {
		return nil, errors.Join(mistakes...)
	}
	return draft, nil
}

// locate puts the file's name into the errors of values, which know lines but no names.
func (s *Snapshot) locate(err error, path string) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, each := range joined.Unwrap() {
			all = append(all, s.locate(each, path))
		}
		return errors.Join(all...)
	}
	p := problem.As(err)
	if p == nil {
		return fmt.Errorf("editing %s: %w", s.place(path), err)
	}
	located := *p // the original belongs to its maker
	located.Place.File = s.place(path)
	return &located
}
