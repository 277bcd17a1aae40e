package deployment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// deepestSetter is how many commits are read to find the one that set a value.
const deepestSetter = 200

// identify finds, for builds whose values name no commit, the commit of the deployment repository that set the value: where a
// bump of ours did, its trailers say which build that is. The others keep the commit for its date.
func (c *Client) identify(ctx context.Context, b Bump, draft *Draft, builds []build) ([]build, error) {
	var components []string
	for _, old := range builds {
		if old.sha == "" {
			components = append(components, old.components...)
		}
	}
	if len(components) == 0 {
		return builds, nil
	}
	setters, err := c.setters(ctx, b, draft, components)
	if err != nil {
		return builds, fmt.Errorf("looking for the commit that set the values of %s: %w", b.Deployment.Repository, err)
	}
	named := slices.DeleteFunc(slices.Clone(builds), func(old build) bool { return old.sha == "" })
	for _, component := range components {
		set := setters[component]
		old := build{components: []string{component}, ours: b.sha(component), by: set.commit, since: !set.found}
		trailers := set.commit.Trailers()
		repository, sha, _ := trailers.SourceOf(component)
		if set.found && sha != "" && b.isOurs(writer{repository: repository}) && trailers.names(component) {
			old.sha = sha
		}
		if old.sha == "" || old.sha != old.ours {
			named = append(named, old)
		}
	}
	return named, nil
}

// setter is the commit that gave a component the value that it has.
type setter struct {
	value  string
	commit Commit
	found  bool // else the value is older than the commit, as far as was looked
}

// setters walks the history of the files back to where each component's values were others.
func (c *Client) setters(ctx context.Context, b Bump, draft *Draft, components []string) (map[string]setter, error) {
	now, found, looked := oldValues(draft), map[string]setter{}, 0
	for _, component := range components {
		found[component] = setter{value: now[component]}
	}
	err := c.History(ctx, draft.Snapshot, b.Deployment, true, func(at *Snapshot) (bool, error) {
		then := map[string]string{}
		if earlier, err := at.edit(b.Deployment, nil); err == nil { // a file of before the key has no value
			then = oldValues(earlier)
		}
		looked++
		open := 0
		for component, set := range found {
			switch {
			case set.found:
				continue
			case then[component] != set.value:
				set.found = set.commit.SHA != ""
			default:
				set.commit = at.History[0]
			}
			found[component] = set
			if !set.found {
				open++
			}
		}
		return open > 0 && looked < deepestSetter, nil
	})
	if looked < deepestSetter { // the history's first commit set what nothing set later
		for component, set := range found {
			set.found = set.commit.SHA != ""
			found[component] = set
		}
	}
	return found, err
}

// oldValues are the values that a draft replaces, by component and in its order.
func oldValues(draft *Draft) map[string]string {
	values := map[string]string{}
	for _, a := range draft.assigned {
		if a.before != a.after {
			values[a.edit.Component] += a.file + "\x00" + a.key() + "\x00" + a.before + "\x00"
		}
	}
	return values
}

// judgeUnnamed lets a value be replaced that names no commit, such as one set by hand, if it was set before our commit was made:
// then no build of it can be newer.
func (c *Client) judgeUnnamed(ctx context.Context, b Bump, old build) orderRefusal {
	made, reason := c.madeAt(ctx, b, old.ours)
	what := fmt.Sprintf("%s: its value names no commit", old.names())
	if old.by.SHA != "" {
		what += ", and was set " + ago(c.clock.Now().Sub(old.by.Time))
		if old.since {
			what += " or before"
		}
		if old.by.Author != "" {
			what += " by " + old.by.Author
		}
		what += fmt.Sprintf(" in %.8s", old.by.SHA)
	}
	switch {
	case reason == "" && old.by.SHA == "":
		reason = "no commit is known that set it"
	case reason == "" && made.Before(old.by.Time):
		reason = fmt.Sprintf("commit %.8s is older than that, so nothing tells which of the builds is newer", old.ours)
	case reason == "":
		return orderRefusal{notice: what + fmt.Sprintf("; commit %.8s was made later, and replaces it", old.ours)}
	}
	return orderRefusal{text: what + "; " + reason, override: "unknown " + old.names(), way: "release a commit that was made after the value was set"}
}

// madeAt is when our commit was made, or why that is not known.
func (c *Client) madeAt(ctx context.Context, b Bump, sha string) (made time.Time, reason string) {
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
		return time.Time{}, fmt.Sprintf("nothing tells when commit %.8s was made", sha)
	}
	return same.Base.Time, ""
}
