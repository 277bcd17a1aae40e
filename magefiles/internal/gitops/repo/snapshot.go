package repo

import (
	"fmt"
	"slices"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Snapshot is a branch of the deployment repository at one commit. It is plain data: reading it again costs nothing, and
// a Bump that starts from it is safe however old it is, because the commit names Head as its parent.
type Snapshot struct {
	Repository string            // owner/name as GitHub spells it now, which after a rename is not the configured one
	Branch     string            // short name
	Head       commitid.ID       // commit that it is at
	Files      map[string][]byte // exact bytes at Head by path
	History    []Commit          // latest commits that touched any of the files, newest first, without duplicates

	hold.Book // of the service in the environment, as the files beside the values have it

	// Permission is the account's role on the repository: READ, TRIAGE, WRITE, MAINTAIN or ADMIN. A fine-grained token
	// may hold less than its account, and an App has none (""), so that only READ and TRIAGE are proof of anything.
	Permission string

	ReadAt time.Time // for how long "nothing to do" may be believed

	configured string    // the repository's name in the configuration
	nodeID     string    // the repository's id in GraphQL
	tree       *headTree // where the REST backend has read it

	entries map[string]*entryAnswer // of an earlier commit, before its Files are read
}

// Covers reports whether the snapshot holds everything that d needs.
func (s *Snapshot) Covers(d plan.Deployment) bool {
	for _, f := range d.Files {
		if _, ok := s.Files[f.Path]; !ok {
			return false
		}
	}
	return s.configured == d.Repository && s.Branch == d.Branch && s.HoldPath == d.Hold &&
		slices.Equal(s.FormerPaths, d.FormerHolds) && slices.Equal(s.NeighbourPaths, neighbourHolds(d))
}

// CheckWrite is a Problem when the account that it was read by surely cannot write to the repository. Its success proves nothing.
func (s *Snapshot) CheckWrite(by github.Identity) error {
	if s.Permission == "READ" || s.Permission == "TRIAGE" {
		return readOnly(s, by)
	}
	return nil
}

// Latest returns the newest commit in History that released a source repository, which may have had other names before, to an
// environment. False means that none of the commits in view did, not that there is none.
func (s *Snapshot) Latest(formerly []string, source, environment string) (Commit, bool) {
	for _, c := range s.History {
		trailers := c.Trailers()
		repository, _, ok := trailers.Source()
		if ok && trailer.IsSelf(formerly, source, repository) && trailers.Get(trailer.Environment) == environment {
			return c, true
		}
	}
	return Commit{}, false
}

// ChangedSince reports whether a commit that is no bump may have set a value after a bump did.
func (s *Snapshot) ChangedSince(bump Commit) bool {
	for _, c := range s.History {
		if c.SHA == bump.SHA {
			return false
		}
		if c.Trailers().Get(trailer.BumpID) == "" {
			return true
		}
	}
	return true
}

// OnBranch returns the same snapshot for another branch that points to the same commit.
func (s *Snapshot) OnBranch(branch string) *Snapshot {
	snapshot := *s
	snapshot.Branch = branch
	return &snapshot
}

// addHolds takes over the bytes of a file of holds.
func (s *Snapshot) addHolds(path string, data []byte) { s.AddHolds(path, data, s.Place(path)) }

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

// Deployment names the branch for messages.
func (s *Snapshot) Deployment() plan.Deployment {
	return plan.Deployment{Repository: s.Repository, Branch: s.Branch}
}

// Place names a file for messages: repository@branch:path.
func (s *Snapshot) Place(path string) string {
	return fmt.Sprintf("%s@%s:%s", s.Repository, s.Branch, path)
}
