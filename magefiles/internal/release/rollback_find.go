package release

import (
	"context"
	"maps"

	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// ranBefore reports whether this very workflow run has rolled back already: a job that is run again after it was killed
// must not go one step further.
func (r *rollback) ranBefore() bool {
	run := r.runURL()
	if run == "" {
		return false
	}
	for _, snapshot := range r.at.snapshots {
		done := false
		for _, commit := range snapshot.History {
			trailers := commit.Trailers()
			repository, _, _ := trailers.Source()
			done = done || trailers.Get(deployment.TrailerRun) == run && repository == r.application() &&
				trailers.Get(deployment.TrailerEnvironment) == r.environment.Name && trailers.Get(deployment.TrailerRollback) != ""
		}
		if !done {
			return false
		}
	}
	return true
}

// find looks for the state to restore in the first deployment's history, and for the same one in the others'.
func (r *rollback) find(ctx context.Context) error {
	r.restored = make([]string, len(r.at.probes))
	if r.target = r.unfinished(); r.target == nil {
		if err := r.findFirst(ctx); err != nil {
			return err
		}
	}
	client, err := r.deployment()
	if err != nil {
		return err
	}
	for i := range r.at.probes {
		if r.restored[i] != "" {
			continue
		}
		state, _, err := client.Earlier(ctx, r.at.snapshots[i], r.at.probes[i], r.search(i, deployment.Earlier{Tags: only(r.target, r.at.tags[i])}))
		if err != nil {
			return err
		}
		if state != nil {
			r.restored[i] = state.Commit.SHA
		}
	}
	r.report.From = &report.From{Environment: r.environment.Name, Repository: r.at.snapshots[0].Repository, Commit: r.to()}
	return nil
}

func (r *rollback) search(i int, want deployment.Earlier) deployment.Earlier {
	want.Application, want.Environment, want.Now = r.application(), r.environment.Name, r.at.tags[i]
	return want
}

func (r *rollback) findFirst(ctx context.Context) error {
	client, err := r.deployment()
	if err != nil {
		return err
	}
	want := r.search(0, deployment.Earlier{Steps: max(1, r.options.Steps), To: r.options.To})
	state, looked, err := client.Earlier(ctx, r.at.snapshots[0], r.at.probes[0], want)
	switch {
	case err != nil:
		return err
	case state == nil && want.To != "":
		return problem.New(problem.Refused, "name a tag that was deployed, the commit that it was built from, or a commit of the deployment repository",
			"looking for %q in the history of %s: none of %s had it", want.To, r.at.where(0), count(looked, "commit"))
	case state == nil:
		return problem.New(problem.Refused, "name what to deploy: mage bump -env="+r.environment.Name+" -force in a checkout of a good commit",
			"looking for an earlier state in the history of %s: there is none %s back in %s", r.at.where(0), count(want.Steps, "step"), count(looked, "commit"))
	}
	r.target, r.pins, r.restored[0] = state.Tags, state.Named, state.Commit.SHA
	return nil
}

// unfinished gives the target of a rollback that reached some deployments of the environment and was killed before the
// others: there the builds are deployed that the first ones hold back. It is nil where nothing was left undone.
func (r *rollback) unfinished() map[string]string {
	for i, done := range r.at.tags {
		for _, other := range r.at.tags {
			if maps.Equal(only(done, other), only(other, done)) {
				continue
			}
			if r.rejects(i, only(other, done)) {
				return done
			}
		}
	}
	return nil
}

// rejects reports whether the holds of a deployment explain every difference to tags.
func (r *rollback) rejects(i int, tags map[string]string) bool {
	for component, tag := range tags {
		if tag == r.at.tags[i][component] {
			continue
		}
		held := false
		for _, h := range r.at.snapshots[i].Holds {
			held = held || h.Component == component && h.Tag == tag
		}
		if !held {
			return false
		}
	}
	return true
}
