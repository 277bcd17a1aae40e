package status

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// readHistory finds the newest bump of each component, and tells what the commits in view did.
func (sc *statusCollector) readHistory(ctx context.Context, v *deploymentView) error {
	client, err := sc.env.Clients.Deployment()
	if err != nil {
		return err
	}
	names := make([]component.Name, len(v.result.Components))
	for i, c := range v.result.Components {
		names[i] = c.Name
	}
	v.newest, err = client.History.Newest(ctx, v.read.Snapshot, v.probe, sc.env.Project.Application(), v.environment.Name, names)
	if err != nil {
		return err
	}
	seen := map[commitid.ID]bool{}
	for _, commit := range slices.Concat(v.read.Snapshot.History, v.read.Holding) {
		if seen[commit.SHA] {
			continue
		}
		seen[commit.SHA] = true
		trailers := commit.Trailers()
		repository, _, _ := trailers.Source()
		if !client.History.IsSelf(sc.env.Project.Application(), repository) || trailers.Get(trailer.Environment) != v.environment.Name {
			continue
		}
		event := eventOf(commit)
		event.By = putBy(v.read.Snapshot, event, commit)
		v.remember(event, commit)
	}
	return nil
}

// remember adds to what happened to the environment. What one commit did by hand to several components is one event.
func (v *deploymentView) remember(e status.Event, commit repo.Commit) {
	for i := range v.events {
		if known := &v.events[i]; known.Commit == commit.SHA {
			known.Components, known.Tags = append(known.Components, e.Components...), append(known.Tags, e.Tags...)
			return
		}
	}
	e.Environment, e.Repository, e.Branch = v.environment.Name, v.result.Repository, v.result.Branch
	e.Commit, e.URL, e.Time = commit.SHA, commit.URL, commit.Time.UTC()
	if e.By == "" {
		e.By = commit.By()
	}
	v.events = append(v.events, e)
}

// inOrder puts the events into git's order as far as it is known: several commits may be of the same second.
func (v *deploymentView) inOrder() []status.Event {
	place := func(e status.Event) int {
		i := slices.IndexFunc(v.read.Snapshot.History, func(c repo.Commit) bool { return c.SHA == e.Commit })
		if i < 0 {
			return len(v.read.Snapshot.History)
		}
		return i
	}
	slices.SortStableFunc(v.events, func(a, b status.Event) int { return cmp.Compare(place(a), place(b)) })
	return v.events
}

// eventOf reads the event of a commit that astrago-ci made.
func eventOf(commit repo.Commit) status.Event {
	trailers := commit.Trailers()
	e := status.Event{
		Kind: kindOf(trailers), Reason: trailers.Get(trailer.Reason), Forced: trailers.Get(trailer.Forced) != "",
		Run: trailers.Get(trailer.Run), From: trailers.PromotedFrom(),
	}
	changes := commit.Changes()
	e.Components = slices.Sorted(maps.Keys(changes))
	for _, name := range e.Components {
		for _, tag := range changes[name] {
			if !slices.Contains(e.Tags, tag) {
				e.Tags = append(e.Tags, tag)
			}
		}
	}
	if len(e.Components) == 0 {
		e.Components = slices.Concat(trailers.Held(), trailers.Lifted())
	}
	return e
}

// kindOf tells what a commit did. A rollback also holds, and a release may lift: that is the lesser part of it.
func kindOf(t trailer.List) status.Kind {
	switch {
	case t.Get(trailer.Rollback) != "":
		return status.Rollback
	case t.Get(trailer.Promoted) != "":
		return status.Promotion
	case t.Get(trailer.Image) != "":
		return status.Release
	case t.Get(trailer.Hold) != "":
		return status.HoldPut
	case t.Get(trailer.Lifted) != "":
		return status.HoldEnded
	}
	return status.Edit
}

// sameMoment is the accepted difference between the clocks of GitHub and of the machine that holds.
const sameMoment = 10 * time.Minute

// putBy is the person that a hold names, whose token may be another's; "" where it does not stand any more.
func putBy(s *repo.Snapshot, e status.Event, commit repo.Commit) string {
	for _, h := range s.Holds {
		if slices.Contains(e.Components, h.Component) && (e.Kind == status.HoldPut || e.Kind == status.Rollback) &&
			commit.Time.Sub(h.Since).Abs() < sameMoment {
			return h.By
		}
	}
	return ""
}
