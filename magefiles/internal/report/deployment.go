package report

import (
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// Deployment is the outcome of a run for one branch of a deployment repository.
type Deployment struct {
	Repository string      `json:"repository"` // owner/name
	Branch     string      `json:"branch"`
	Commit     commitid.ID `json:"commit,omitempty"` // the commit that holds the values; empty when none was made
	URL        string      `json:"url,omitempty"`
	Subject    string      `json:"subject,omitempty"` // of the commit that a dry run would make
	Changes    []Change    `json:"changes"`
	Kept       []Kept      `json:"kept,omitempty"` // components whose values were left alone, as their image is the deployed one

	PullRequest *PullRequest `json:"pullRequest,omitempty"` // absent where the commit is on the branch itself
}

// Change is one value that a commit in the deployment repository sets.
type Change struct {
	File      string         `json:"file"`
	Line      int            `json:"line"` // from 1
	Path      string         `json:"path"` // as yq prints it
	Component component.Name `json:"component"`
	Old       string         `json:"old"` // the part that names an image, else the value's length
	New       string         `json:"new"`

	Shared []string `json:"shared,omitempty"` // other places of the file that repeat the value by its anchor, as "path (line n)"
}

// Place is the file and the line for people.
func (c Change) Place() string {
	return escape.Line(fmt.Sprintf("%s:%d", c.File, c.Line))
}

// Changed reports whether a deployment repository got a commit with changed values.
func (r Report) Changed() bool {
	for _, d := range r.Deployment {
		if len(d.Changes) > 0 && d.Commit != "" {
			return true
		}
	}
	return false
}
