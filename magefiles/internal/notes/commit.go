package notes

import (
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// Commit is a commit of the application as it was read.
type Commit struct {
	SHA     commitid.ID
	Parents []commitid.ID // the first one is of the branch that it was made on
	Author  string
	Time    time.Time
	Message string
}

// mainline puts commits together into changes: what a pull request merged is one, whatever commits it consists of.
type mainline struct {
	commits map[commitid.ID]Commit
	place   map[commitid.ID]int
	visited map[commitid.ID]bool
	changes []Change
}

// changesOf returns what commits, newest first, consist of. Every commit is in one change, but for merges that only bring others.
func changesOf(commits []Commit) []Change {
	m := mainline{commits: map[commitid.ID]Commit{}, place: map[commitid.ID]int{}, visited: map[commitid.ID]bool{}}
	for i, c := range commits {
		if _, twice := m.commits[c.SHA]; !twice {
			m.commits[c.SHA], m.place[c.SHA] = c, i
		}
	}
	for _, c := range commits {
		m.follow(c.SHA)
	}
	sortByPlace(m.changes)
	return m.changes
}

// follow adds the commits of a branch, the oldest first, so that a commit belongs to the pull request that brought it first.
func (m *mainline) follow(tip commitid.ID) {
	var branch []Commit
	for c, known := m.commits[tip]; known && !m.visited[c.SHA]; c, known = m.commits[firstParent(c)] {
		m.visited[c.SHA] = true
		branch = append(branch, c)
	}
	for _, c := range slices.Backward(branch) {
		m.add(c)
	}
}

// add adds a commit with what it merges.
func (m *mainline) add(c Commit) {
	change := newChange(c)
	change.at = m.place[c.SHA]
	merges := len(c.Parents) > 1
	switch {
	case merges && change.PullRequest == nil:
		before := len(m.changes)
		for _, parent := range c.Parents[1:] {
			m.follow(parent)
		}
		if len(m.changes) > before && strings.HasPrefix(change.Title, "Merge ") { // as git words it by itself
			return
		}
	case merges:
		for _, parent := range c.Parents[1:] {
			m.absorb(parent, &change)
		}
	}
	m.changes = append(m.changes, change)
}

// absorb counts the commits that a pull request has merged to it.
func (m *mainline) absorb(tip commitid.ID, into *Change) {
	open := []commitid.ID{tip}
	for len(open) > 0 {
		sha := open[len(open)-1]
		open = open[:len(open)-1]
		c, known := m.commits[sha]
		if !known || m.visited[sha] {
			continue
		}
		m.visited[sha] = true
		into.Commits++
		into.Breaking = into.Breaking || isBreaking(c.Message)
		open = append(open, c.Parents...)
	}
}

func firstParent(c Commit) commitid.ID {
	if len(c.Parents) == 0 {
		return ""
	}
	return c.Parents[0]
}

// sortByPlace puts changes into the order of their commits.
func sortByPlace(changes []Change) {
	slices.SortStableFunc(changes, func(a, b Change) int { return a.at - b.at })
}
