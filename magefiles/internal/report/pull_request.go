package report

import "fmt"

// PullRequest is the pull request that brings the commit onto the branch.
type PullRequest struct {
	Number int    `json:"number"`
	URL    string `json:"url"`
	Merged bool   `json:"merged"` // else it waits for its rules or for people
}

// Proposed reports whether the values wait in a pull request.
func (d Deployment) Proposed() bool { return d.PullRequest != nil && !d.PullRequest.Merged }

// Place is the branch for people.
func (d Deployment) Place() string { return d.Repository + "@" + d.Branch }

// Proposals are the places whose values wait in pull requests.
func (r Report) Proposals() []string {
	var places []string
	for _, d := range r.Deployment {
		if d.Proposed() {
			places = append(places, d.Place())
		}
	}
	return places
}

// Proposed reports whether all values wait in pull requests.
func (r Report) Proposed() bool {
	return len(r.Deployment) > 0 && len(r.Proposals()) == len(r.Deployment)
}

// Title is the number, and what has become of it.
func (p PullRequest) Title() string {
	if p.Merged {
		return fmt.Sprintf("pull request #%d, merged:", p.Number)
	}
	return fmt.Sprintf("pull request #%d, to be merged:", p.Number)
}
