package plan

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
)

// Do is the action of a release on an image.
type Do string

// The things to do.
const (
	DoBuild   Do = "build"   // nothing that the registry has is built from the same inputs
	DoRetag   Do = "retag"   // the registry has the same under another tag
	DoDone    Do = "done"    // the registry has it under its tag
	DoRefuse  Do = "refuse"  // the registry has another image under its tag: a release stops there
	DoUnknown Do = "unknown" // the registry could not be asked
)

// Action is the planned action on one component's image, with the reason in a few words.
type Action struct {
	Component component.Name
	Do        Do
	Why       string
	Since     commitid.ID // commit of the image that was published last, where Changes was asked for and it is known
	Changes   []string    // what it is made of that has changed since, a few words each
}
