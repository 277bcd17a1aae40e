package deployment

import (
	"fmt"
	"slices"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Snapshot is a branch of the deployment repository at one commit. It is plain data: reading it again costs nothing, and
// a Bump that starts from it is safe however old it is, because the commit names Head as its parent.
type Snapshot struct {
	Repository string            // owner/name as GitHub spells it now, which after a rename is not the configured one
	Branch     string            // short name
	Head       string            // commit id
	Files      map[string][]byte // exact bytes at Head by path
	History    []Commit          // latest commits that touched any of the files, newest first, without duplicates
	Holds      []Hold            // of the service in the environment; none where the deployment names no file of holds
	Kept       []Kept            // beside them: which tags later commits were released with, the newest last

	// Permission is the account's role on the repository: READ, TRIAGE, WRITE, MAINTAIN or ADMIN. A fine-grained token
	// may hold less than its account, and an App has none (""), so that only READ and TRIAGE are proof of anything.
	Permission string

	asked  string    // the repository as configured
	nodeID string    // the repository's id in GraphQL
	readAt time.Time // for how long "nothing to do" may be believed
	base   *base     // the head's tree, where the REST backend has read it

	holdPath string            // where Holds stand
	held     []byte            // exact bytes of that file, nil where there is none
	former   map[string][]byte // the same of files under names that the service had before
	formers  []string          // paths where these were looked for
	holdErr  error             // why Holds could not be read from it

	entries map[string]*entryAnswer // of an earlier commit, before its Files are read
}

// Commit is a commit of the deployment repository.
type Commit struct {
	SHA     string
	URL     string // for people
	Time    time.Time
	Author  string // name; empty in a Result
	Message string // whole
}

// Trailers reads the trailers that a bump left in the message.
func (c Commit) Trailers() Trailers { return ParseTrailers(c.Message) }

// covers reports whether the snapshot holds everything that d needs.
func (s *Snapshot) covers(d plan.Deployment) bool {
	for _, f := range d.Files {
		if _, ok := s.Files[f.Path]; !ok {
			return false
		}
	}
	return s.asked == d.Repository && s.Branch == d.Branch && s.holdPath == d.Hold && slices.Equal(s.formers, d.FormerHolds)
}

// CheckWrite is a Problem when the account surely cannot write to the repository. Its success proves nothing.
func (s *Snapshot) CheckWrite() error {
	if s.Permission == "READ" || s.Permission == "TRIAGE" {
		return readOnly(s)
	}
	return nil
}

// CheckHolds is a Problem where the holds cannot be read: then Holds is empty, and every bump is refused.
func (s *Snapshot) CheckHolds() error { return s.holdErr }

// Latest is the newest commit in History that released this source repository to this environment. False means that
// none of the commits in view did, not that there is none.
func (s *Snapshot) Latest(source, environment string) (Commit, bool) {
	for _, c := range s.History {
		trailers := c.Trailers()
		repository, _, ok := trailers.Source()
		if ok && repository == source && trailers.Get(TrailerEnvironment) == environment {
			return c, true
		}
	}
	return Commit{}, false
}

// addHistory merges one file's commits, which come in git's order. Only several files need the order of dates: it is
// wrong where clocks were.
func (s *Snapshot) addHistory(history historyAnswer) {
	first := len(s.History) == 0
	for _, n := range history.Nodes {
		known := slices.ContainsFunc(s.History, func(c Commit) bool { return c.SHA == n.OID })
		if !known {
			s.History = append(s.History, n.commit())
		}
	}
	if first {
		return
	}
	slices.SortStableFunc(s.History, func(a, b Commit) int { return b.Time.Compare(a.Time) })
}

// deployment names the branch for messages.
func (s *Snapshot) deployment() plan.Deployment {
	return plan.Deployment{Repository: s.Repository, Branch: s.Branch}
}

// place names a file for messages: repository@branch:path.
func (s *Snapshot) place(path string) string {
	return fmt.Sprintf("%s@%s:%s", s.Repository, s.Branch, path)
}
