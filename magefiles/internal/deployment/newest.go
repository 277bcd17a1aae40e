package deployment

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/values"
)

// How many commits are looked at for what nobody's command depends on.
const (
	newestDepth = 1000 // messages only
	sinceDepth  = 200  // with the files' contents
)

// Newest finds the newest bump of each component, from a snapshot back. What is in the snapshot's view costs nothing, the
// rest a request for every 50 commits. A component that no bump in the last 1000 commits names has the zero Origin.
func (c *Client) Newest(ctx context.Context, s *Snapshot, d plan.Deployment, application, environment string, components []string) (map[string]Origin, error) {
	found := map[string]Origin{}
	note := func(commit Commit) bool {
		trailers := commit.Trailers()
		if trailers.Get(TrailerEnvironment) != environment {
			return true
		}
		for _, component := range components {
			repository, sha, _ := trailers.SourceOf(component)
			_, digest := trailers.Image(component)
			if _, known := found[component]; !known && c.IsSelf(application, repository) && digest != "" {
				found[component] = Origin{Wanted: Wanted{Component: component}, Commit: commit, SHA: sha, Digest: digest}
			}
		}
		return len(found) < len(components)
	}
	for _, commit := range s.History {
		if !note(commit) {
			return found, nil
		}
	}
	if len(s.History) < historyDepth {
		return found, nil // that was all
	}
	left := newestDepth
	err := c.History(ctx, s, d, false, func(at *Snapshot) (bool, error) {
		left--
		return note(at.History[0]) && left > 0, nil
	})
	return found, err
}

// Since finds, for each component, the commit since which the values have its tag, from a snapshot back; the zero Commit
// where the last 200 commits do not tell.
func (c *Client) Since(ctx context.Context, s *Snapshot, probe plan.Deployment, tags map[string]string) (map[string]Commit, error) {
	found, last := map[string]Commit{}, map[string]Commit{}
	open := maps.Clone(tags)
	left := sinceDepth
	err := c.History(ctx, s, probe, true, func(at *Snapshot) (bool, error) {
		left--
		for component, tag := range open {
			then, err := at.Tags(only(probe, component))
			if err != nil || then[component] != tag {
				found[component] = last[component]
				delete(open, component)
				continue
			}
			last[component] = at.History[0]
		}
		return len(open) > 0 && left > 0, nil
	})
	if left > 0 { // the first commit of all had them
		for component := range open {
			found[component] = last[component]
		}
	}
	return found, err
}

// only is a probe of one component.
func only(probe plan.Deployment, component string) plan.Deployment {
	probe.Files = slices.Clone(probe.Files)
	for i := range probe.Files {
		probe.Files[i].Edits = slices.DeleteFunc(slices.Clone(probe.Files[i].Edits), func(e plan.Edit) bool { return e.Component != component })
	}
	return probe
}

// TagOf reads the tag of one component at the snapshot, as Tags does: what is wrong with others does not matter.
func (s *Snapshot) TagOf(probe plan.Deployment, component string) (string, error) {
	tags, err := s.Tags(only(probe, component))
	return tags[component], err
}

// changeLine is a line of the table in a bump's message.
var changeLine = regexp.MustCompile(`(?m)^(\S+) .*-> (\S+)$`)

// Changes returns what the message says of the values that the commit set: by component the tags, and the values that hold no
// tag.
func (c Commit) Changes() map[string][]string {
	changes := map[string][]string{}
	for _, m := range changeLine.FindAllStringSubmatch(below(c.Message), -1) {
		value := strings.Trim(m[2], "…")
		if tag, _ := values.SplitName(value); tag != "" {
			value = tag
		}
		changes[m[1]] = append(changes[m[1]], value)
	}
	return changes
}

// Names reports whether the bump that the origin is of set this tag: the tag is the one of the bump's source, its message
// says so, or, where expected is "" because nobody can tell, its digits are the source's.
func (o Origin) Names(tag, expected string) bool {
	return slices.Contains(o.Commit.Changes()[o.Component], tag) || Wanted{Component: o.Component, Tag: tag}.names(o.SHA, expected)
}
