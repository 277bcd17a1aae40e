package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
)

// Hold is a component that is kept as it is.
type Hold struct {
	Component  component.Name `json:"component"`
	Rejected   commitid.ID    `json:"rejected,omitempty"` // commit of the application repository
	Tag        string         `json:"tag,omitempty"`      // of the rejected build; absent where nothing was rejected
	Until      string         `json:"until"`              // newer: a build that descends from the rejected one; lift: a person
	Reason     string         `json:"reason,omitempty"`
	By         string         `json:"by,omitempty"`
	Since      time.Time      `json:"since"`
	Repository string         `json:"repository"` // deployment repository, owner/name
	Branch     string         `json:"branch"`
	Commit     commitid.ID    `json:"commit,omitempty"` // the newest that changed the holds
	Run        string         `json:"run,omitempty"`
}

// Text is the hold in one line for people and for grep: component, rejected image, time, person, reason.
func (h Hold) Text() string {
	line := fmt.Sprintf("%s held in %s@%s since %s", h.Component, h.Repository, h.Branch, h.Since.UTC().Format(time.RFC3339))
	if h.By != "" {
		line += " by " + h.By
	}
	if h.Tag != "" {
		line += ", rejected " + h.Tag
	}
	line += ", until " + map[string]string{"newer": "a newer build", "lift": "it is lifted"}[h.Until]
	if h.Reason != "" {
		line += ": " + h.Reason
	}
	return escape.Line(strings.TrimSpace(line))
}

// heldComponents counts components, which may have several holds.
func heldComponents(holds []Hold) int {
	names := map[component.Name]bool{}
	for _, h := range holds {
		names[h.Component] = true
	}
	return len(names)
}
