package rollback

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/history"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// target is the state that comes back.
type target struct {
	tags     map[component.Name]string     // by component
	pins     map[component.Name]plan.Named // where its values have digests
	restored []commitid.ID                 // by deployment: the commit that had it; "" where its history has none
}

// commit returns the commit that the state was found in, "" where none had it.
func (t target) commit() commitid.ID {
	for _, commit := range t.restored {
		if commit != "" {
			return commit
		}
	}
	return ""
}

// summary names the tags.
func (t target) summary() string {
	var tags []string
	for _, name := range slices.Sorted(maps.Keys(t.tags)) {
		if !slices.Contains(tags, t.tags[name]) {
			tags = append(tags, t.tags[name])
		}
	}
	if len(tags) > 3 {
		return report.Plural(len(tags), "tag")
	}
	return strings.Join(tags, ", ")
}

// targetFinder looks for the state to restore in the history of an environment.
type targetFinder struct {
	env     *cli.Env
	client  *gitops.Client
	at      *rollout.EnvironmentState
	options Options
}

// find looks in the first deployment's history, and for the same state in the others'.
func (f targetFinder) find(ctx context.Context) (target, error) {
	t := target{tags: f.pendingTags(), restored: make([]commitid.ID, len(f.at.Probes))}
	if t.tags == nil {
		state, err := f.findFirst(ctx)
		if err != nil {
			return t, err
		}
		t.tags, t.pins, t.restored[0] = edit.TagsOf(state.Named), state.Named, state.Commit.SHA
	}
	for i, probe := range f.at.Probes {
		if t.restored[i] != "" {
			continue
		}
		want := f.historySearch(i, history.PreviousQuery{Tags: commonTags(t.tags, f.at.Tags(i))})
		state, _, err := f.client.History.Previous(ctx, f.at.Snapshots[i], probe, want)
		if err != nil {
			return t, err
		}
		if state != nil {
			t.restored[i] = state.Commit.SHA
		}
	}
	return t, nil
}

func (f targetFinder) historySearch(i int, want history.PreviousQuery) history.PreviousQuery {
	want.Application, want.Environment, want.Now = f.env.Project.Application(), f.at.Environment.Name, f.at.Tags(i)
	return want
}

func (f targetFinder) findFirst(ctx context.Context) (*history.State, error) {
	want := f.historySearch(0, history.PreviousQuery{Steps: max(1, f.options.Steps), To: f.options.To})
	state, looked, err := f.client.History.Previous(ctx, f.at.Snapshots[0], f.at.Probes[0], want)
	commits := report.Plural(looked, "commit")
	switch {
	case err != nil:
		return nil, err
	case state == nil && want.To != "":
		return nil, problem.New(problem.Refused,
			"name a tag that was deployed, the commit that it was built from, or a commit of the deployment repository",
			"looking for %q in the history of %s: none of %s had it", want.To, f.at.Ref(0), commits)
	case state == nil:
		return nil, problem.New(problem.Refused,
			"name what to deploy: mage bump -env="+f.at.Environment.Name+" -force in a checkout of a good commit",
			"looking for an earlier state in the history of %s: found no state %s back in the last %s",
			f.at.Ref(0), report.Plural(want.Steps, "step"), commits)
	}
	return state, nil
}

// alreadyRanHere reports whether this very workflow run has rolled back already: a job that is run again after it was killed
// must not go one step further.
func (f targetFinder) alreadyRanHere() bool {
	run := f.env.RunURL()
	if run == "" {
		return false
	}
	isOfRun := func(commit repo.Commit) bool {
		trailers := commit.Trailers()
		repository, _, _ := trailers.Source()
		return trailers.Get(trailer.Run) == run && trailer.IsSelf(f.env.Project.Plan.Formerly, f.env.Project.Application(), repository) &&
			trailers.Get(trailer.Environment) == f.at.Environment.Name && trailers.Get(trailer.Rollback) != ""
	}
	for _, snapshot := range f.at.Snapshots {
		if !slices.ContainsFunc(snapshot.History, isOfRun) {
			return false
		}
	}
	return true
}

// pendingTags returns the target of a rollback that reached some deployments of the environment and was killed before the
// others: there the builds are deployed that the first ones hold back. It is nil where nothing was left undone.
func (f targetFinder) pendingTags() map[component.Name]string {
	for i := range f.at.Deployed {
		done := f.at.Tags(i)
		for n := range f.at.Deployed {
			other := f.at.Tags(n)
			if maps.Equal(commonTags(done, other), commonTags(other, done)) {
				continue
			}
			if f.explainsDifference(i, commonTags(other, done)) {
				return done
			}
		}
	}
	return nil
}

// explainsDifference reports whether the holds of a deployment explain every difference to tags.
func (f targetFinder) explainsDifference(i int, tags map[component.Name]string) bool {
	for name, tag := range tags {
		if tag == f.at.Deployed[i][name].Tag {
			continue
		}
		isHeld := func(h hold.Hold) bool { return h.Component == name && h.Tag == tag }
		if !slices.ContainsFunc(f.at.Snapshots[i].Holds, isHeld) {
			return false
		}
	}
	return true
}

// commonTags returns the tags of those components that others has, too.
func commonTags(tags, others map[component.Name]string) map[component.Name]string {
	kept := map[component.Name]string{}
	for name, tag := range tags {
		if _, ok := others[name]; ok {
			kept[name] = tag
		}
	}
	return kept
}
