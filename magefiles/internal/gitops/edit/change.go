package edit

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/excerpt"
)

// Change is one scalar that a component's expressions change. One that several components set is a change of each.
type Change struct {
	File      string // path in the deployment repository
	Component component.Name
	Path      string // as yq prints it
	Line      int    // of the value before the change, from 1
	Document  int    // of the file, from 0
	Old, New  excerpt.Excerpt
	Shared    []string // other places of the file that repeat the value, as "path (line n)"
}
