// Package status models the deployments of all environments, assembled from data that other packages have read: the values at a deployment
// repository's head, the history of their commits, the registry, Argo CD. It judges contradictions between them, and makes no request.
package status

import (
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// Schema names the JSON form of Status. A field is never renamed or removed under the same name.
const Schema = "astrago-ci/status/v1"

// Status is every environment of one service at one moment. Its JSON form is a public interface (Schema). Lists are never
// null once Judge has run.
type Status struct {
	Schema       string        `json:"schema"`
	Service      string        `json:"service"`
	Application  string        `json:"application,omitempty"` // owner/name of the application repository
	Generated    time.Time     `json:"generated"`
	State        State         `json:"state"` // the worst of the environments'
	Environments []Environment `json:"environments"`
	History      []Event       `json:"history"` // of all environments, newest first
}

// State is the state of a component, or of a group of components.
type State string

// The states, from the best to the worst.
const (
	OK      State = "ok"
	Held    State = "held"    // nothing is wrong, and it is kept as it is
	Unknown State = "unknown" // a server could not be asked
	Drifted State = "drift"   // what is there is not what was deployed
)

// Environment is one environment of the configuration.
type Environment struct {
	Name        string       `json:"environment"`
	From        string       `json:"from,omitempty"`   // the environment that it is promoted from
	Branch      string       `json:"branch,omitempty"` // of the application, that Source.Behind counts to
	State       State        `json:"state"`
	Deployments []Deployment `json:"deployments"`
	ArgoCD      *ArgoCD      `json:"argocd,omitempty"`     // nil where the configuration names no application
	AlsoArgoCD  []*ArgoCD    `json:"alsoArgocd,omitempty"` // its other applications
}

// Applications are all that deploy the environment.
func (e Environment) Applications() []*ArgoCD {
	if e.ArgoCD == nil {
		return nil
	}
	return append([]*ArgoCD{e.ArgoCD}, e.AlsoArgoCD...)
}

// Deployment is one branch of a deployment repository that the environment consists of.
type Deployment struct {
	Repository string      `json:"repository"`
	Branch     string      `json:"branch"`
	Head       commitid.ID `json:"head,omitempty"`
	Error      string      `json:"error,omitempty"` // why nothing is known of it; then the components have names only
	State      State       `json:"state"`
	Components []Component `json:"components"`
}

// Component is the state of one component in one deployment.
type Component struct {
	Name     component.Name      `json:"component"`
	Image    imageref.Repository `json:"image"` // repository, without a tag
	Tag      string              `json:"tag,omitempty"`
	State    State               `json:"state"`
	Error    string              `json:"error,omitempty"` // why no tag is known
	Registry Registry            `json:"registry"`
	Source   *Source             `json:"source,omitempty"`   // nil where nothing tells what the image was built from
	Deployed *Deployed           `json:"deployed,omitempty"` // nil where the history tells nothing of the tag
	Hold     *Hold               `json:"hold,omitempty"`
	Drift    []Drift             `json:"drift"`
}

// Presence is the presence of a tag in a registry.
type Presence string

// The answers.
const (
	Present  Presence = "present"
	Missing  Presence = "missing"
	NotAsked Presence = "unknown" // it could not be asked, or there is no tag to ask for
)

// Registry is the registry's answer about the tag.
type Registry struct {
	Presence Presence      `json:"presence"`
	Digest   digest.Digest `json:"digest,omitempty"`
	Reason   string        `json:"reason,omitempty"` // of NotAsked
}

// Source is the commit of the application that an image was built from.
type Source struct {
	SHA    commitid.ID `json:"sha"` // as much as is known of it
	Title  string      `json:"title,omitempty"`
	Author string      `json:"author,omitempty"`
	Time   *time.Time  `json:"time,omitempty"`
	URL    string      `json:"url,omitempty"`
	Behind *int        `json:"behind,omitempty"` // commits of the environment's branch that it lacks
	Ahead  int         `json:"ahead,omitempty"`  // commits that the branch lacks: another line of history
	Reason string      `json:"reason,omitempty"` // why Behind is not known
}

// Deployed describes the commit that put the tag into the values.
type Deployed struct {
	By     string        `json:"by"`
	Time   time.Time     `json:"time"`
	Kind   Kind          `json:"kind"`
	Commit commitid.ID   `json:"commit"` // of the deployment repository
	URL    string        `json:"url,omitempty"`
	Run    string        `json:"run,omitempty"`
	Digest digest.Digest `json:"digest,omitempty"` // that was deployed; empty for what was not deployed by this tool
}

// Hold keeps a component as it is.
type Hold struct {
	By     string    `json:"by,omitempty"`
	Since  time.Time `json:"since"`
	Reason string    `json:"reason,omitempty"`
	Until  string    `json:"until"`         // newer or lift
	Tag    string    `json:"tag,omitempty"` // of the rejected build
}

// ArgoCD is an application that deploys an environment.
type ArgoCD struct {
	Application string  `json:"application"`
	URL         string  `json:"url,omitempty"`
	Asked       bool    `json:"asked"`
	Reason      string  `json:"reason,omitempty"` // why it was not asked, or did not answer
	Sync        string  `json:"sync,omitempty"`
	Health      string  `json:"health,omitempty"`
	Running     bool    `json:"running,omitempty"` // an operation runs
	Revision    string  `json:"revision,omitempty"`
	Message     string  `json:"message,omitempty"`
	State       State   `json:"state"`
	Drift       []Drift `json:"drift"`

	Absent []string `json:"-"` // images of the values that do not run
}
