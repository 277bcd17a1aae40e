// Package notes models the changes that a deployment brings to an environment or takes back: the commits between the deployed commit and
// the one to deploy, as pull requests or titled changes. It reads nothing and decides nothing.
package notes

import (
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
)

// Schema names the JSON form of Notes. A field is never renamed or removed under the same name.
const Schema = "astrago-ci/notes/v1"

// Notes lists the changes to an environment, by groups of components with the same commits. Its JSON form is a public interface (Schema).
type Notes struct {
	Schema      string  `json:"schema"`
	Service     string  `json:"service"`
	Environment string  `json:"environment"`
	Application string  `json:"application,omitempty"` // owner/name of the application repository
	From        string  `json:"from,omitempty"`        // environment that the images are taken from
	Since       string  `json:"since,omitempty"`       // commit or tag that what is deployed is compared with
	Ranges      []Range `json:"ranges"`                // empty where nothing changes
}

// Relation is the relation of the commit to deploy to the deployed one.
type Relation string

// The relations. Behind is a way back; Diverged brings some commits and takes others back.
const (
	Ahead     Relation = "ahead"
	Identical Relation = "identical"
	Behind    Relation = "behind"
	Diverged  Relation = "diverged"
	Unknown   Relation = "unknown"
)

// Range is the way of some components from one commit of the application to another.
type Range struct {
	Components []component.Name `json:"components"`
	Base       commitid.ID      `json:"base,omitempty"` // commit that is deployed, as much as is known of it
	Head       commitid.ID      `json:"head,omitempty"` // commit that is to be deployed
	Relation   Relation         `json:"relation"`
	Reason     string           `json:"reason,omitempty"` // why the relation or the commits are not known
	URL        string           `json:"url,omitempty"`    // page that compares the commits
	Brings     Side             `json:"brings"`
	TakesBack  Side             `json:"takesBack"`
}

// Side are the commits that one end of a range has and the other lacks.
type Side struct {
	Commits int     `json:"commits"`           // all of them
	Omitted int     `json:"omitted,omitempty"` // those that were not read, which are the oldest
	Groups  []Group `json:"groups"`
}

// Group are the changes of a category, newest first.
type Group struct {
	Category Category `json:"category"`
	Changes  []Change `json:"changes"`
}

// Change is a merged pull request, or a commit without one.
type Change struct {
	Title       string       `json:"title"`  // in one line, shortened
	Commit      commitid.ID  `json:"commit"` // that brought it
	URL         string       `json:"url,omitempty"`
	Author      string       `json:"author"`
	Time        time.Time    `json:"time"`
	Commits     int          `json:"commits"` // that it consists of
	PullRequest *PullRequest `json:"pullRequest,omitempty"`
	Type        string       `json:"type,omitempty"` // of Conventional Commits
	Scope       string       `json:"scope,omitempty"`
	Breaking    bool         `json:"breaking,omitempty"`
	Issues      []Issue      `json:"issues,omitempty"`

	at int // place among the commits, the newest first
}

// PullRequest is the pull request that merged a change.
type PullRequest struct {
	Number int      `json:"number"`
	URL    string   `json:"url,omitempty"`
	Labels []string `json:"labels,omitempty"` // as far as GitHub was asked for them
}

// Issue is an issue that a change names.
type Issue struct {
	Key string `json:"key"`
	URL string `json:"url"`
}

// All returns the changes of a side by groups, without them.
func (s Side) All() []Change {
	var all []Change
	for _, g := range s.Groups {
		all = append(all, g.Changes...)
	}
	return all
}

// GoesBothWays reports whether a range takes back some commits beside those that it brings.
func (r Range) GoesBothWays() bool { return r.Brings.Commits > 0 && r.TakesBack.Commits > 0 }

// IsEmpty reports whether the notes tell of no change at all.
func (n *Notes) IsEmpty() bool { return n == nil || len(n.Ranges) == 0 }
