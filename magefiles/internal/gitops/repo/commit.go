package repo

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/excerpt"
)

// Commit is a commit of the deployment repository.
type Commit struct {
	SHA     commitid.ID
	URL     string // for people
	Time    time.Time
	Author  string // name; empty in a Result
	Message string // whole
}

// Trailers reads the trailers that a bump left in the message.
func (c Commit) Trailers() trailer.List { return trailer.Parse(c.Message) }

// By returns the person that the commit is due to: the one that it names, as its token may be another's, or else its author.
func (c Commit) By() string { return cmp.Or(c.Trailers().Get(trailer.Actor), c.Author) }

// changeLine is a line of the table in a bump's message.
var changeLine = regexp.MustCompile(`(?m)^(\S+) .*-> (\S+)$`)

// Changes returns what the message says of the values that the commit set: by component the tags, and the values that hold no
// tag.
func (c Commit) Changes() map[component.Name][]string {
	changes := map[component.Name][]string{}
	for _, m := range changeLine.FindAllStringSubmatch(trailer.Below(c.Message), -1) {
		value := strings.Trim(m[2], "…")
		if tag, _ := excerpt.SplitName(value); tag != "" {
			value = tag
		}
		name := component.Name(m[1])
		changes[name] = append(changes[name], value)
	}
	return changes
}

// headlinePattern finds the service in the headline of bumps that have no trailer of it.
var headlinePattern = regexp.MustCompile(`^(?:deploy|rollback)\([^)]*\): (\S+)`)

// Writer returns the service and the repository (owner/name) that a bump is of, false for a commit that is no bump. The service is
// "" where nothing tells it.
func (c Commit) Writer() (service, repository string, ok bool) {
	trailers := c.Trailers()
	repository, _, ok = trailers.Source()
	if !ok && repository == "" {
		return "", "", false
	}
	service = trailers.Get(trailer.Service)
	if m := headlinePattern.FindStringSubmatch(c.Message); service == "" && m != nil {
		service = m[1]
	}
	return service, repository, true
}

// WithBumpID returns the commits that carry the Bump-Id, in the same order.
func WithBumpID(commits []Commit, id string) []Commit {
	var found []Commit
	for _, c := range commits {
		if slices.Contains(c.Trailers().All(trailer.BumpID), id) {
			found = append(found, c)
		}
	}
	return found
}

// FirstNew returns the first commit that is not among the earlier ones.
func FirstNew(found, before []Commit) (Commit, bool) {
	for _, commit := range found {
		if !slices.ContainsFunc(before, func(b Commit) bool { return b.SHA == commit.SHA }) {
			return commit, true
		}
	}
	return Commit{}, false
}
