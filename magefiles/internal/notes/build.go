package notes

import (
	"strconv"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// History are the commits of one side of a range, as they were read.
type History struct {
	Count   int      // all of them
	Commits []Commit // newest first; where there are fewer than Count, the oldest are missing
}

// Builder makes changes of commits.
type Builder struct {
	Web    string // page of the application repository; empty where there is none
	Linker Linker
}

// Side returns what a history consists of.
func (b Builder) Side(h History) Side {
	messages := make(map[commitid.ID]string, len(h.Commits))
	for _, c := range h.Commits {
		messages[c.SHA] = c.Message
	}
	changes := changesOf(h.Commits)
	for i := range changes {
		c := &changes[i]
		c.Issues = b.Linker.Issues(messages[c.Commit])
		c.URL = b.page("commit", string(c.Commit))
		if c.PullRequest != nil {
			c.PullRequest.URL = b.page("pull", strconv.Itoa(c.PullRequest.Number))
		}
	}
	return Side{Commits: h.Count, Omitted: max(0, h.Count-len(h.Commits)), Groups: groupChanges(changes)}
}

// ComparePage returns the page that compares two commits.
func (b Builder) ComparePage(base, head commitid.ID) string {
	if base == "" || head == "" {
		return ""
	}
	return b.page("compare", string(base+"..."+head))
}

func (b Builder) page(kind, name string) string {
	if !strings.HasPrefix(b.Web, "https://") {
		return ""
	}
	return b.Web + "/" + kind + "/" + name
}

// Unlabelled returns the numbers of the pull requests whose category only a label can tell, newest first.
func (s Side) Unlabelled() []int {
	var numbers []int
	for _, c := range s.All() {
		if c.PullRequest != nil && c.category() == Other {
			numbers = append(numbers, c.PullRequest.Number)
		}
	}
	return numbers
}

// Label returns the side with the labels of pull requests, by their numbers, and grouped by them where the title tells nothing.
func (s Side) Label(labels map[int][]string) Side {
	changes := s.All()
	for i := range changes {
		if p := changes[i].PullRequest; p != nil && labels[p.Number] != nil {
			labelled := *p
			labelled.Labels = labels[p.Number]
			changes[i].PullRequest = &labelled
		}
	}
	sortByPlace(changes)
	s.Groups = groupChanges(changes)
	return s
}
