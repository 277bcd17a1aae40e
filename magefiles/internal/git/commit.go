// Package git answers for the application repository: which commit is being released, from which branch, and whether
// the working tree still is that commit.
package git

import (
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// Commit is the commit being released, with what the working tree adds to it.
type Commit struct {
	Root       string      // absolute path of the application repository's root (where astrago.yaml stands)
	SHA        commitid.ID // whole
	Branch     string      // short name; empty on a detached HEAD that nothing names
	Tag        string      // short name of the tag that the workflow runs for; empty beside a Branch
	Time       time.Time   // committer time, UTC
	Author     string      // author's name
	Title      string      // first line of the message
	Version    string      // content of VERSION in the root, else the tag at HEAD without its v; may be empty
	Repository string      // owner/name of origin; empty without a remote
	URL        string      // https address of origin without credentials; empty without a remote
	Dirty      []string    // changed and untracked paths, as git status prints them; empty means clean
}

// IsDirty reports whether the tree differs from the commit.
func (c Commit) IsDirty() bool { return len(c.Dirty) > 0 }
