package deployment

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/values"
)

// build is what runs in some components before a bump.
type build struct {
	components []string
	sha        string // of the application repository: whole, or as much as a tag holds; empty where nothing tells
	ours       string // commit that is to replace it
	by         Commit // that deployed it; zero for a tag set by hand, or longer ago than the history in view

	since bool // by is the oldest commit that was looked at: the value is as old or older
}

// replaced gives the builds that a draft replaces. The value in the file is the truth: it may have been set by hand, or its
// bump reverted, since the newest commit that has our trailers. Only a value that names no commit is left to these.
func (b Bump) replaced(draft *Draft) []build {
	var all []build
	for _, component := range changedComponents(draft) {
		for _, found := range b.replacedIn(draft, component) {
			found.ours = b.sha(component)
			if i := slices.IndexFunc(all, func(other build) bool { return other.sha == found.sha && other.ours == found.ours }); i >= 0 {
				all[i].components = append(all[i].components, component)
			} else {
				all = append(all, found)
			}
		}
	}
	return all
}

func changedComponents(draft *Draft) []string {
	var names []string
	for _, c := range draft.Changes {
		if !slices.Contains(names, c.Component) {
			names = append(names, c.Component)
		}
	}
	return names
}

func (b Bump) replacedIn(draft *Draft, component string) []build {
	releases := b.releases(draft.Snapshot, component)
	var found []build
	named, nothing := false, true
	for _, c := range draft.Changes {
		if c.Component != component || c.Old.IsZero() {
			continue // an added key replaces nothing
		}
		if isPlaceholder(c) || isBareDigest(c) && hasTag(draft, component) {
			continue // nothing was deployed yet; or the tag beside the digest tells
		}
		nothing = false
		id := b.sourceIn(draft.Snapshot, c)
		if id == "" {
			continue
		}
		named = true
		if strings.HasPrefix(b.sha(component), id) {
			continue // our own commit is no other build
		}
		old := build{components: []string{component}, sha: id}
		if i := slices.IndexFunc(releases, func(r build) bool { return strings.HasPrefix(r.sha, id) }); i >= 0 {
			old = releases[i]
		}
		found = append(found, old)
	}
	switch {
	case named || nothing:
		return found
	case len(releases) == 0 || draft.Snapshot.ChangedSince(releases[0].by):
		return []build{{components: []string{component}}}
	case releases[0].sha == b.sha(component):
		return nil
	}
	return releases[:1]
}

// releases are the bumps of a component from our repository to our environment, newest first.
func (b Bump) releases(s *Snapshot, component string) []build {
	var all []build
	for _, c := range s.History {
		trailers := c.Trailers()
		repository, sha, _ := trailers.SourceOf(component)
		if by, _ := c.writer(); b.isOurs(writer{repository, by.service}) && trailers.Get(TrailerEnvironment) == b.Environment && trailers.names(component) {
			all = append(all, build{components: []string{component}, sha: sha, by: c})
		}
	}
	return all
}

// ChangedSince reports whether a commit that is no bump may have set a value after a bump did.
func (s *Snapshot) ChangedSince(bump Commit) bool {
	for _, c := range s.History {
		if c.SHA == bump.SHA {
			return false
		}
		if c.Trailers().Get(TrailerBumpID) == "" {
			return true
		}
	}
	return true
}

// idAtEnd finds what tags end in: a commit's id, abbreviated to 8 digits or more.
var idAtEnd = regexp.MustCompile(`(?:^|[^0-9A-Za-z])([0-9a-f]{8,40})$`)

var nullID = regexp.MustCompile(`(?:^|[^0-9A-Za-z])0{8,40}$`)

// isPlaceholder reports whether a value ends in git's null id.
func isPlaceholder(c FileChange) bool {
	before, _ := values.SplitName(c.Old.Name())
	return nullID.MatchString(before)
}

// isBareDigest reports whether a change replaces a digest that no tag stands before.
func isBareDigest(c FileChange) bool {
	tag, digest := values.SplitName(c.Old.Name())
	return tag == "" && digest != ""
}

// hasTag reports whether a draft replaces a tag of the component.
func hasTag(draft *Draft, component string) bool {
	return slices.ContainsFunc(draft.Changes, func(c FileChange) bool {
		tag, _ := values.SplitName(c.Old.Name())
		return c.Component == component && tag != ""
	})
}

// commitIn gives the commit that a value names before it is changed, empty where the new value does not end in our own
// commit: then the digits of the old one are something else, such as a date.
func (b Bump) commitIn(c FileChange) string {
	now, _ := values.SplitName(c.New.Name())
	before, _ := values.SplitName(c.Old.Name())
	ours, theirs := idAtEnd.FindStringSubmatch(now), idAtEnd.FindStringSubmatch(before)
	if ours == nil || theirs == nil || !strings.HasPrefix(b.sha(c.Component), ours[1]) {
		return ""
	}
	return theirs[1]
}

func (d build) names() string { return strings.Join(d.components, ", ") }

// describe says what is deployed, since when and by whom, as far as is known.
func (d build) describe(commit source.Commit, now time.Time) string {
	text := fmt.Sprintf("%s from commit %.8s", d.names(), commit.SHA)
	if commit.Title != "" {
		text += fmt.Sprintf(" %q of %s", commit.Title, commit.Time.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if d.by.SHA == "" {
		return text
	}
	text += ", set " + ago(now.Sub(d.by.Time))
	if d.by.Author != "" {
		text += " by " + d.by.Author
	}
	return text + fmt.Sprintf(" in %.8s", d.by.SHA)
}

// ago rounds to the unit that a person would use.
func ago(d time.Duration) string {
	for _, unit := range []struct {
		name string
		long time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}} {
		switch n := int(d / unit.long); {
		case n == 1:
			return "1 " + unit.name + " ago"
		case n > 1:
			return fmt.Sprintf("%d %ss ago", n, unit.name)
		}
	}
	return "just now"
}
