package github

import (
	"errors"
	"fmt"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github/bare"
)

// Pull is one pull request between two branches of a repository. It is guarded by the repository's lock.
type Pull struct {
	Number     int
	Title      string
	Body       string
	Head       string // branch
	Base       string // branch
	HeadSHA    string // last commit that the head branch was seen at
	Draft      bool
	Closed     time.Time // zero while open
	Merged     string    // the commit that it became; empty while not merged
	MergedOnto string    // what the base was at when it was merged
	Created    time.Time
	Updated    time.Time
	Labels     []string
	Reviewers  []string
	Teams      []string
	Reviews    []Review
	AutoMerge  string // method; empty where it is not enabled
}

// Review is one that was given.
type Review struct{ Login, Commit string }

// State is the word of the REST interface: open or closed.
func (p *Pull) State() string {
	if p.Closed.IsZero() {
		return "open"
	}
	return "closed"
}

// Refresh brings a pull request up to date with its branches: new commits on the head, or a deleted head, which closes it.
func (r *Repository) Refresh(p *Pull, now time.Time) error {
	if !p.Closed.IsZero() {
		return nil
	}
	sha, err := r.Git.Resolve("refs/heads/" + p.Head)
	if errors.Is(err, bare.ErrMissing) {
		p.Closed, p.Updated = now, now
		return nil
	}
	if err != nil {
		return err
	}
	p.HeadSHA = sha
	return nil
}

// OpenPulls counts.
func (r *Repository) OpenPulls() int {
	r.Lock()
	defer r.Unlock()
	n := 0
	for _, p := range r.Pulls {
		if p.Closed.IsZero() {
			n++
		}
	}
	return n
}

// Review records that a user has reviewed a pull request at its current head; the review is no longer requested then.
func (s *Server) Review(repository string, number int, login string) error {
	r, ok := s.find(repository)
	if !ok {
		return fmt.Errorf("reviewing: no repository %q", repository)
	}
	r.Lock()
	defer r.Unlock()
	if number < 1 || number > len(r.Pulls) {
		return fmt.Errorf("reviewing: no pull request %d in %q", number, repository)
	}
	p := r.Pulls[number-1]
	if err := r.Refresh(p, s.options.Now()); err != nil {
		return err
	}
	p.Reviews = append(p.Reviews, Review{Login: login, Commit: p.HeadSHA})
	var left []string
	for _, name := range p.Reviewers {
		if name != login {
			left = append(left, name)
		}
	}
	p.Reviewers = left
	return nil
}
