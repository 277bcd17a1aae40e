package status

import (
	"cmp"
	"slices"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
)

// Kind is the kind of a commit in a deployment repository.
type Kind string

// The kinds.
const (
	Release   Kind = "release"
	Promotion Kind = "promotion"
	Rollback  Kind = "rollback"
	HoldPut   Kind = "hold"
	HoldEnded Kind = "lift"
	Edit      Kind = "edit" // by hand, or by another tool
)

// Event is one commit in a deployment repository that concerns the service.
type Event struct {
	Environment string           `json:"environment"`
	Kind        Kind             `json:"kind"`
	Time        time.Time        `json:"time"`
	By          string           `json:"by"`
	Components  []component.Name `json:"components"`
	Tags        []string         `json:"tags"` // that it set
	From        string           `json:"from,omitempty"`
	Reason      string           `json:"reason,omitempty"`
	Forced      bool             `json:"forced,omitempty"`
	Repository  string           `json:"repository"`
	Branch      string           `json:"branch"`
	Commit      commitid.ID      `json:"commit"`
	URL         string           `json:"url,omitempty"`
	Run         string           `json:"run,omitempty"`
}

// historyLength is the number of events kept, of all environments together.
const historyLength = 40

// sortHistory puts events into order, newest first, each commit once for each environment.
func sortHistory(events []Event) []Event {
	sorted := []Event{}
	for _, e := range events {
		same := func(other Event) bool {
			return other.Commit == e.Commit && other.Environment == e.Environment && other.Repository == e.Repository
		}
		if !slices.ContainsFunc(sorted, same) {
			e.Components, e.Tags = listOrEmpty(e.Components), listOrEmpty(e.Tags)
			sorted = append(sorted, e)
		}
	}
	slices.SortStableFunc(sorted, func(a, b Event) int { return cmp.Or(b.Time.Compare(a.Time), cmp.Compare(a.Environment, b.Environment)) })
	return sorted[:min(len(sorted), historyLength)]
}

func listOrEmpty[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
