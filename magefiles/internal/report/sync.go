package report

import (
	"fmt"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// Sync is the state of an Argo CD application for a commit in a deployment repository.
type Sync struct {
	Application string  `json:"application"`
	URL         string  `json:"url"`                  // of its page
	Revision    string  `json:"revision"`             // of the deployment repository: the commit, or one that descends from it
	Sync        string  `json:"sync"`                 // Synced
	Health      string  `json:"health"`               // Healthy
	Seconds     float64 `json:"seconds"`              // for how long it was waited for
	Paused      bool    `json:"paused,omitempty"`     // it waits for a person: a canary, or a paused Deployment; Health is Suspended
	Superseded  string  `json:"superseded,omitempty"` // by what the values were replaced before they were seen live
}

// Status is in one line what is live.
func (s Sync) Status() string {
	text := fmt.Sprintf("%s and %s at %s", s.Sync, s.Health, commitid.ShortRevision(s.Revision))
	if s.Paused {
		text += ", paused until resumed"
	}
	if s.Superseded != "" {
		text += ", superseded by " + s.Superseded
	}
	return text
}

// Syncs are the applications that were waited for.
func (r Report) Syncs() []Sync {
	if r.Live == nil {
		return nil
	}
	return append([]Sync{*r.Live}, r.AlsoLive...)
}
