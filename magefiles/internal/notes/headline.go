package notes

import (
	"fmt"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

// mostTold is the number of changes that a message lists.
const mostTold = 3

// Brought and TakenBack return the first changes of all ranges in one line each, for a message; "" where there are none. A change that
// several ranges have is listed once.
func (n *Notes) Brought(w Words) string {
	return n.firstLine(w, func(r Range) Side { return r.Brings })
}

// TakenBack is Brought of what is taken back.
func (n *Notes) TakenBack(w Words) string {
	return n.firstLine(w, func(r Range) Side { return r.TakesBack })
}

func (n *Notes) firstLine(w Words, of func(Range) Side) string {
	if n == nil {
		return ""
	}
	var told []string
	seen, more := map[commitid.ID]bool{}, 0
	for _, r := range n.Ranges {
		side := of(r)
		for _, c := range side.All() {
			switch {
			case seen[c.Commit]:
				continue
			case len(told) < mostTold:
				told = append(told, strings.TrimSpace(fmt.Sprintf("%s %s", c.Name(), shorten(c.Title, longestName-20))))
			default:
				more++
			}
			seen[c.Commit] = true
		}
		more += side.Omitted
	}
	if more > 0 {
		told = append(told, w.More(more))
	}
	return strings.Join(told, "; ")
}

// Unclear are the ranges of which nothing is known, in one line.
func (n *Notes) Unclear(w Words) string {
	if n == nil {
		return ""
	}
	var lines []string
	for _, r := range n.Ranges {
		if r.Relation == Unknown {
			lines = append(lines, r.Names()+": "+w.Count(r))
		}
	}
	return strings.Join(lines, "; ")
}
