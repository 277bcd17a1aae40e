package guard

import (
	"fmt"
	"slices"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/excerpt"
)

// Predecessor is the build that some components have before a bump.
type Predecessor struct {
	Components []component.Name
	SHA        commitid.ID // of the application repository: whole, or as much as a tag holds; empty where nothing tells
	Ours       commitid.ID // commit that is to replace it

	by    repo.Commit // that deployed it; zero for a tag set by hand, or longer ago than the history in view
	since bool        // by is the oldest commit that was looked at: the value is as old or older
}

// Replaced returns the builds that a draft replaces. The value in the file is the truth: it may have been set by hand, or its bump
// reverted, since the newest commit with astrago-ci's trailers. Only a value that names no commit is left to these.
func Replaced(b bump.Bump, draft *edit.Draft) []Predecessor {
	var all []Predecessor
	for _, name := range draft.Components() {
		for _, found := range replacedIn(b, draft, name) {
			found.Ours = b.SHA(name)
			isSame := func(other Predecessor) bool { return other.SHA == found.SHA && other.Ours == found.Ours }
			if i := slices.IndexFunc(all, isSame); i >= 0 {
				all[i].Components = append(all[i].Components, name)
			} else {
				all = append(all, found)
			}
		}
	}
	return all
}

func replacedIn(b bump.Bump, draft *edit.Draft, name component.Name) []Predecessor {
	releases := earlierReleases(b, draft.Snapshot, name)
	var found []Predecessor
	named, nothing := false, true
	for _, c := range draft.Changes {
		if c.Component != name || c.Old.IsZero() {
			continue // an added key replaces nothing
		}
		if isPlaceholder(c) || isBareDigest(c) && hasTag(draft, name) {
			continue // nothing was deployed yet; or the tag beside the digest tells
		}
		nothing = false
		id := sourceIn(b, draft.Snapshot, c)
		if id == "" {
			continue
		}
		named = true
		if id.Abbreviates(b.SHA(name)) {
			continue // the bump's own commit is not another build
		}
		old := Predecessor{Components: []component.Name{name}, SHA: id}
		if i := slices.IndexFunc(releases, func(r Predecessor) bool { return id.Abbreviates(r.SHA) }); i >= 0 {
			old = releases[i]
		}
		found = append(found, old)
	}
	switch {
	case named || nothing:
		return found
	case len(releases) == 0 || draft.Snapshot.ChangedSince(releases[0].by):
		return []Predecessor{{Components: []component.Name{name}}}
	case releases[0].SHA == b.SHA(name):
		return nil
	}
	return releases[:1]
}

// earlierReleases returns the bumps of a component from the bump's repository to its environment, newest first.
func earlierReleases(b bump.Bump, s *repo.Snapshot, name component.Name) []Predecessor {
	var all []Predecessor
	for _, c := range s.History {
		trailers := c.Trailers()
		repository, sha, _ := trailers.SourceOf(name)
		service, _, _ := c.Writer()
		if b.IsOurs(service, repository) && trailers.Get(trailer.Environment) == b.Environment && trailers.Names(name) {
			all = append(all, Predecessor{Components: []component.Name{name}, SHA: sha, by: c})
		}
	}
	return all
}

// isPlaceholder reports whether a value ends in git's null id.
func isPlaceholder(c edit.Change) bool {
	before, _ := excerpt.SplitName(c.Old.Name())
	return edit.CommitInTag(before).IsNull()
}

// isBareDigest reports whether a change replaces a digest that no tag stands before.
func isBareDigest(c edit.Change) bool {
	tag, digest := excerpt.SplitName(c.Old.Name())
	return tag == "" && digest != ""
}

// hasTag reports whether a draft replaces a tag of the component.
func hasTag(draft *edit.Draft, name component.Name) bool {
	return slices.ContainsFunc(draft.Changes, func(c edit.Change) bool {
		tag, _ := excerpt.SplitName(c.Old.Name())
		return c.Component == name && tag != ""
	})
}

// commitIn returns the commit that a value names before it is changed, empty where the new value does not end in the bump's own commit:
// then the digits of the old one are something else, such as a date.
func commitIn(b bump.Bump, c edit.Change) commitid.ID {
	now, _ := excerpt.SplitName(c.New.Name())
	before, _ := excerpt.SplitName(c.Old.Name())
	ours, theirs := edit.CommitInTag(now), edit.CommitInTag(before)
	if ours == "" || theirs == "" || !ours.Abbreviates(b.SHA(c.Component)) {
		return ""
	}
	return theirs
}

// Names are the components for people.
func (p Predecessor) Names() string { return component.Join(p.Components, ", ") }

// describe returns what is deployed, with its time and author as far as they are known, for people.
func (p Predecessor) describe(commit git.Commit, now time.Time) string {
	text := p.Names() + " from commit " + commit.SHA.Short()
	if commit.Title != "" {
		text += fmt.Sprintf(" %q of %s", commit.Title, commit.Time.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if p.by.SHA == "" {
		return text
	}
	text += ", set " + timeAgo(now.Sub(p.by.Time))
	if by := p.by.By(); by != "" {
		text += " by " + by
	}
	return text + " in " + p.by.SHA.Short()
}

// timeAgo rounds to the unit that a person would use.
func timeAgo(d time.Duration) string {
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

// sourceIn is the commit that a changed value stands for: the one that was released with it last, or the one in its tag; ""
// where neither is known.
func sourceIn(b bump.Bump, s *repo.Snapshot, c edit.Change) commitid.ID {
	tag, _ := excerpt.SplitName(c.Old.Name())
	if k, ok := s.KeptAs(c.Component, tag); ok {
		return k.Source
	}
	return commitIn(b, c)
}
