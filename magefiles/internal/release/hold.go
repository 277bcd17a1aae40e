package release

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
)

// Hold freezes the service's components in an environment, ends their holds, or shows what is held and why.
func Hold(ctx context.Context, p Process, o Options) error {
	return onExisting(report.CommandHold, func(ctx context.Context, e *existing) error {
		h := &hold{existing: e, since: time.Now().UTC().Truncate(time.Second)}
		if o.Lift && o.Reason != "" {
			return problem.New(problem.Usage, "give one of them", "holding %q: -lift and -reason exclude each other", e.environment.Name)
		}
		if err := h.read(ctx); err != nil {
			return err
		}
		if !o.Lift && o.Reason == "" {
			return h.show(ctx)
		}
		upToDate, err := e.commitAll(ctx, h.bumpOf)
		e.warnProposed()
		if upToDate {
			e.report.Outcome = report.NothingToDo
		}
		return err
	})(ctx, p, o)
}

// hold is one Hold under way.
type hold struct {
	*existing
	snapshots []*deployment.Snapshot
	since     time.Time
}

func (h *hold) read(ctx context.Context) error {
	client, err := h.deployment()
	if err != nil {
		return err
	}
	h.snapshots = make([]*deployment.Snapshot, len(h.plan.Deployments))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i, target := range h.plan.Deployments {
		group.Go(func() (err error) {
			h.snapshots[i], err = client.Read(ctx, target)
			return err
		})
	}
	if err := group.Wait(); err != nil || len(h.options.Only) == 0 {
		return err
	}
	for _, snapshot := range h.snapshots { // a file that nothing reads can only be lifted whole: the others' holds stand in it, too
		if err := snapshot.CheckHolds(); err != nil {
			return err
		}
	}
	return nil
}

func (h *hold) bumpOf(i int) deployment.Bump {
	b := h.newBump(i, h.snapshots[i])
	if h.options.Lift {
		b.Lift = h.lifted(i)
		return b
	}
	for _, image := range h.plan.Images {
		b.Hold = append(b.Hold, deployment.Hold{
			Component: image.Component, Until: config.HoldUntilLift, Reason: b.Reason, By: h.person(), Since: h.since, Run: b.RunURL,
		})
	}
	return b
}

// lifted are the components that are named, or else all that are held, also those that the service has no more.
func (h *hold) lifted(i int) []string {
	var names []string
	for _, image := range h.plan.Images {
		names = append(names, image.Component)
	}
	if len(h.options.Only) > 0 {
		return names
	}
	for _, held := range h.snapshots[i].Holds {
		if !slices.Contains(names, held.Component) {
			names = append(names, held.Component)
		}
	}
	return names
}

// show reports the holds of every deployment, in the deployments' order.
func (h *hold) show(ctx context.Context) error {
	client, err := h.deployment()
	if err != nil {
		return err
	}
	h.report.Holds = []report.Hold{}
	for _, snapshot := range h.snapshots {
		if err := snapshot.CheckHolds(); err != nil {
			return err
		}
		commit, err := client.HoldCommit(ctx, snapshot)
		if err != nil {
			return fmt.Errorf("asking who holds %s: %w", h.environment.Name, err)
		}
		for _, held := range snapshot.Holds {
			h.report.Holds = append(h.report.Holds, heldBy(snapshot, held, commit))
		}
	}
	return nil
}

func heldBy(s *deployment.Snapshot, h deployment.Hold, commit deployment.Commit) report.Hold {
	by := h.By
	if by == "" {
		by = commit.Author
	}
	return report.Hold{
		Component: h.Component, Rejected: h.Rejected, Tag: h.Tag, Until: string(h.Until), Reason: h.Reason, By: by, Since: h.Since,
		Repository: s.Repository, Branch: s.Branch, Commit: commit.SHA, Run: h.Run,
	}
}
