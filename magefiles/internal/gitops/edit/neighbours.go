package edit

import (
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// SettersBeside returns the components of another environment that set values which a draft changes, each with the draft's own components
// that set them.
func (d *Draft) SettersBeside(n plan.Neighbour) map[component.Name][]component.Name {
	setters := map[component.Name][]component.Name{}
	for _, f := range n.Files {
		file := plan.File{Path: f.Path, Create: f.Create, Shared: f.Shared, Others: f.Edits}
		e := fileEdit{snapshot: d.Snapshot, file: file, original: d.Snapshot.Files[f.Path]}
		for _, a := range d.Assigned {
			if a.File == f.Path && a.Before != a.After {
				e.assigned = append(e.assigned, a)
			}
		}
		for at, theirs := range e.sharedWithOthers() {
			for _, name := range theirs {
				setters[name] = component.Add(setters[name], slices.Sorted(slices.Values(e.componentsSetting(at)))...)
			}
		}
	}
	return setters
}
