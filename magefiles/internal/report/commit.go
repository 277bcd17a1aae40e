package report

import (
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/escape"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
)

// Commit is the commit of the application repository that was released.
type Commit struct {
	SHA    commitid.ID `json:"sha"`
	Branch string      `json:"branch"`
	Title  string      `json:"title"`
	Author string      `json:"author"`
	Time   time.Time   `json:"time"`
	URL    string      `json:"url,omitempty"` // web page of the commit
	Dirty  bool        `json:"dirty,omitempty"`
}

// NewCommit returns the reported form of a source commit, with the address of its page where origin is known.
func NewCommit(c git.Commit) Commit {
	commit := Commit{SHA: c.SHA, Branch: c.Branch, Title: c.Title, Author: c.Author, Time: c.Time.UTC(), Dirty: c.IsDirty()}
	if c.URL != "" && c.SHA != "" {
		commit.URL = c.URL + "/commit/" + string(c.SHA)
	}
	return commit
}

// Details are the branch and the author of the commit, and when it was made, for a line below its title.
func (c Commit) Details() string {
	details := []string{c.Branch, c.Author}
	if c.Branch == "" && !c.Time.IsZero() { // else no more than the commit is known
		details[0] = "detached"
	}
	if !c.Time.IsZero() {
		details = append(details, c.Time.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if c.Dirty {
		details = append(details, "uncommitted changes")
	}
	details = slices.DeleteFunc(details, func(s string) bool { return s == "" })
	return escape.Line(strings.Join(details, ", "))
}
