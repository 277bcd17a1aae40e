// Package edit computes what a deployment changes in the files of a snapshot, without touching anything, and reads from them what
// is deployed.
package edit

import (
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
)

// Draft holds the changes that a deployment would make to a Snapshot. Without changes there is nothing to commit.
type Draft struct {
	Snapshot *repo.Snapshot // what it was computed from; its Head is the parent that the commit requires
	Files    []repo.File    // changed files only, in the plan's order
	Changes  []Change       // in the plan's order

	Kept     []hold.Kept  // components whose values are left alone, as their image is the deployed one, with the tags that they have
	Headline string       // of the commit, as long as no guard is overridden
	Assigned []Assignment // all scalars of the deployment's components, in the plan's order

	KeptBefore []hold.Kept // records of other components that an open pull request proposes

	AsIfSet *Draft // the draft as if the kept components were set as well; nil where there are none
}

// Subject returns the subject of the commit that was drafted, "" where nothing is to be committed. Where -force overrides a
// guard, the commit's own says so in addition.
func (d *Draft) Subject() string {
	if len(d.Files) == 0 {
		return ""
	}
	return d.Headline
}

// Keeps reports whether a component's values are left alone.
func (d *Draft) Keeps(name component.Name) bool {
	return slices.ContainsFunc(d.Kept, func(k hold.Kept) bool { return k.Component == name })
}

// Whole is the draft as if every component were set: by it the order of builds is judged.
func (d *Draft) Whole() *Draft {
	if d.AsIfSet != nil {
		return d.AsIfSet
	}
	return d
}

// Components are those of which the draft changes a value.
func (d *Draft) Components() []component.Name {
	var names []component.Name
	for _, c := range d.Changes {
		names = component.Add(names, c.Component)
	}
	return names
}

// NamesImage reports whether the files name a component's image after the draft. Where `set` asks neither for the tag nor the
// digest, its values say it in another way, such as by a version.
func (d *Draft) NamesImage(name component.Name) bool {
	set, named, mentioned := false, false, false
	for _, a := range d.Assigned {
		if a.Edit.Component == name {
			set, named, mentioned = true, named || a.Names(a.After), mentioned || a.mentionsImage()
		}
	}
	return set && (named || !mentioned)
}

// Wanted returns a file as it is to be, nil where it is not to exist.
func (d *Draft) Wanted(path string, now []byte) []byte {
	if i := slices.IndexFunc(d.Files, func(f repo.File) bool { return f.Path == path }); i >= 0 {
		return d.Files[i].Bytes
	}
	return now
}
