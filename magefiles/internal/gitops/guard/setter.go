package guard

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// deepestSetter is the number of commits that are read to find the one that set a value.
const deepestSetter = 200

// identifyBuilds finds, for builds whose values name no commit, the commit of the deployment repository that set the value: where a bump of
// this service did, its trailers name the build. The others keep the commit for its date.
func (g Guards) identifyBuilds(ctx context.Context, b bump.Bump, draft *edit.Draft, builds []Predecessor) ([]Predecessor, error) {
	var components []component.Name
	for _, old := range builds {
		if old.SHA == "" {
			components = append(components, old.Components...)
		}
	}
	if len(components) == 0 {
		return builds, nil
	}
	setters, err := g.findSetters(ctx, b, draft, components)
	if err != nil {
		return builds, fmt.Errorf("looking for the commit that set the values of %s: %w", b.Deployment.Repository, err)
	}
	named := slices.DeleteFunc(slices.Clone(builds), func(old Predecessor) bool { return old.SHA == "" })
	for _, name := range components {
		set := setters[name]
		old := Predecessor{Components: []component.Name{name}, Ours: b.SHA(name), by: set.commit, since: !set.found}
		trailers := set.commit.Trailers()
		repository, sha, _ := trailers.SourceOf(name)
		if set.found && sha != "" && b.IsOurs("", repository) && trailers.Names(name) {
			old.SHA = sha
		}
		if old.SHA == "" || old.SHA != old.Ours {
			named = append(named, old)
		}
	}
	return named, nil
}

// valueSetter is the commit that gave a component the value that it has.
type valueSetter struct {
	value  string
	commit repo.Commit
	found  bool // else the value is older than the commit, as far as was looked
}

// findSetters walks the history of the files back to where each component's values were others.
func (g Guards) findSetters(
	ctx context.Context, b bump.Bump, draft *edit.Draft, components []component.Name,
) (map[component.Name]valueSetter, error) {
	now, found, looked := replacedValues(draft), map[component.Name]valueSetter{}, 0
	for _, name := range components {
		found[name] = valueSetter{value: now[name]}
	}
	err := g.Store.History(ctx, draft.Snapshot, b.Deployment, true, func(at *repo.Snapshot) (bool, error) {
		then := map[component.Name]string{}
		if earlier, err := edit.Unchecked(at, b.Deployment); err == nil { // a file of before the key has no value
			then = replacedValues(earlier)
		}
		looked++
		open := 0
		for name, set := range found {
			switch {
			case set.found:
				continue
			case then[name] != set.value:
				set.found = set.commit.SHA != ""
			default:
				set.commit = at.History[0]
			}
			found[name] = set
			if !set.found {
				open++
			}
		}
		return open > 0 && looked < deepestSetter, nil
	})
	if looked < deepestSetter { // the history's first commit set what nothing set later
		for name, set := range found {
			set.found = set.commit.SHA != ""
			found[name] = set
		}
	}
	return found, err
}

// replacedValues are the values that a draft replaces, by component and in its order.
func replacedValues(draft *edit.Draft) map[component.Name]string {
	values := map[component.Name]string{}
	for _, a := range draft.Assigned {
		if a.Before != a.After {
			values[a.Edit.Component] += a.File + "\x00" + a.Key() + "\x00" + a.Before + "\x00"
		}
	}
	return values
}

// judgeUnnamed lets a value be replaced that names no commit, such as one set by hand, if it was set before the new build's commit was
// made: then no build of it can be newer.
func (g Guards) judgeUnnamed(ctx context.Context, b bump.Bump, old Predecessor) orderRefusal {
	made, reason := g.commitTime(ctx, b, old.Ours)
	what := fmt.Sprintf("%s: its value names no commit", old.Names())
	if old.by.SHA != "" {
		what += ", and was set " + timeAgo(g.Clock.Now().Sub(old.by.Time))
		if old.since {
			what += " or before"
		}
		if by := old.by.By(); by != "" {
			what += " by " + by
		}
		what += " in " + old.by.SHA.Short()
	}
	switch {
	case reason == "" && old.by.SHA == "":
		reason = "no commit is known that set it"
	case reason == "" && made.Before(old.by.Time):
		reason = "commit " + old.Ours.Short() + " is older than that, so nothing tells which of the builds is newer"
	case reason == "":
		return orderRefusal{notice: what + "; commit " + old.Ours.Short() + " was made later, and replaces it"}
	}
	return orderRefusal{
		text: what + "; " + reason, override: "unknown " + old.Names(),
		way: "release a commit that was made after the value was set",
	}
}

// commitTime returns the time of the new build's commit, or the reason why it is not known.
func (g Guards) commitTime(ctx context.Context, b bump.Bump, sha commitid.ID) (made time.Time, reason string) {
	if sha == b.Source.SHA && !b.Source.Time.IsZero() {
		return b.Source.Time, ""
	}
	if sha == "" {
		return time.Time{}, "nothing tells which commit is to replace it"
	}
	same, err := b.Ancestry.Compare(ctx, sha, sha)
	switch {
	case err != nil:
		if p := problem.As(err); p != nil {
			err = p.Err
		}
		return time.Time{}, err.Error()
	case same.Base.Time.IsZero():
		return time.Time{}, "nothing tells when commit " + sha.Short() + " was made"
	}
	return same.Base.Time, ""
}
