package github

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Deployed is a deployment: GitHub records one for a job that names an environment, and others ask for one.
type Deployed struct {
	Environment, State string // a DeploymentState of GraphQL
	Created            time.Time

	// Of those that were asked for through REST:
	ID                          int
	SHA, Ref, Task, Description string
	Payload                     json.RawMessage
	Transient, Production       bool
	History                     []DeploymentStatus // newest first
}

// DeploymentStatus is one of the states that a deployment has gone through.
type DeploymentStatus struct {
	ID                                              int
	State, Description, Environment, EnvironmentURL string
	LogURL                                          string
}

// Deploy records a deployment with a DeploymentState of GraphQL, e.g. FAILURE, as a workflow's job with that environment
// leaves it.
func (s *Server) Deploy(repository, environment, state string) error {
	r, ok := s.find(repository)
	if !ok {
		return fmt.Errorf("recording a deployment: no repository %q", repository)
	}
	r.Lock()
	defer r.Unlock()
	r.Deployed = append(r.Deployed, Deployed{Environment: environment, State: state, Created: s.options.Now(), ID: len(r.Deployed) + 1})
	return nil
}

// Status is one commit status.
type Status struct {
	ID                                  int
	State, Context, Description, Target string
}

// Release is a version with its notes.
type Release struct {
	ID                int
	Tag, Target       string
	Name, Body        string
	Draft, Prerelease bool
	Created           time.Time
	Assets            []Asset
}

// Asset is a file of a release. What is left of an upload that was cut has no content, and another state.
type Asset struct {
	ID                int
	Name, Type, State string
	Data              []byte
}

// Uploaded is the state of an asset that is whole.
const Uploaded = "uploaded"

// ReleaseAssets are the files of a version that is public; those that cut names are left as uploads that were cut leave them.
func (s *Server) ReleaseAssets(repository, tag string, cut ...string) map[string][]byte {
	repo, _ := s.find(repository)
	repo.Lock()
	defer repo.Unlock()
	files := map[string][]byte{}
	for _, r := range repo.Releases {
		for i := range r.Assets {
			asset := &r.Assets[i]
			if r.Tag == tag && slices.Contains(cut, asset.Name) {
				asset.Data, asset.State = nil, "open"
			}
			if r.Tag == tag && !r.Draft && asset.State == Uploaded {
				files[asset.Name] = asset.Data
			}
		}
	}
	return files
}
