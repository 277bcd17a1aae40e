package edit

import (
	"bytes"
	"maps"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

// NewKept are the records of what is kept that the file does not have yet.
func (d *Draft) NewKept() []hold.Kept {
	return slices.DeleteFunc(slices.Concat(d.KeptBefore, d.Kept), func(k hold.Kept) bool {
		known, _ := d.Snapshot.KeptAs(k.Component, k.Tag)
		return known == k
	})
}

// WithHolds is the same draft with the file of holds as it is to be; without any it is to go, and files of earlier names go always.
func (d *Draft) WithHolds(environment string, holds []hold.Hold) (*Draft, error) {
	changed := *d
	book := d.Snapshot.Book
	former := slices.Sorted(maps.Keys(book.FormerBytes))
	changed.Files = slices.DeleteFunc(slices.Clone(d.Files), func(f repo.File) bool {
		return f.Path == book.HoldPath || slices.Contains(former, f.Path)
	})
	for _, path := range former {
		changed.Files = append(changed.Files, repo.File{Path: path, Delete: true})
	}
	file := hold.File{Holds: holds, Kept: hold.PutKept(book.Kept, d.NewKept())}
	switch nothing := len(file.Holds)+len(file.Kept) == 0; {
	case nothing && book.HoldBytes == nil:
		return &changed, nil
	case nothing:
		changed.Files = append(changed.Files, repo.File{Path: book.HoldPath, Delete: true})
		return &changed, nil
	}
	data, err := file.Render(environment)
	if err != nil || bytes.Equal(data, book.HoldBytes) {
		return &changed, err
	}
	changed.Files = append(changed.Files, repo.File{Path: book.HoldPath, Bytes: data})
	return &changed, nil
}

// Without is the same draft where some holds end with it.
func (d *Draft) Without(environment string, ended []hold.Hold) (*Draft, error) {
	if len(ended) == 0 {
		return d, nil
	}
	return d.WithHolds(environment, hold.Remaining(d.Snapshot.Holds, ended))
}

// Freed are the components whose last hold ends.
func (d *Draft) Freed(ended []hold.Hold) []component.Name {
	var names []component.Name
	left := hold.Remaining(d.Snapshot.Holds, ended)
	for _, h := range ended {
		if !hold.IsHeld(left, h.Component) {
			names = component.Add(names, h.Component)
		}
	}
	return names
}

// Lifts are those components that are held now; the others' hold does not end.
func (d *Draft) Lifts(components []component.Name) []component.Name {
	return slices.DeleteFunc(slices.Clone(components), func(name component.Name) bool {
		return !hold.IsHeld(d.Snapshot.Holds, name) && d.Snapshot.HoldErr == nil
	})
}

// TouchedHolds are the holds of the components that the draft changes or keeps on purpose.
func (d *Draft) TouchedHolds() []hold.Hold {
	components := d.Components()
	return slices.DeleteFunc(slices.Clone(d.Snapshot.Holds), func(h hold.Hold) bool {
		return !slices.Contains(components, h.Component) && !d.Keeps(h.Component)
	})
}
