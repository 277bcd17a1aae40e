package release

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// view is one deployment of one environment as it was read, with where the status of it goes.
type view struct {
	environment *config.Environment
	probe       plan.Deployment
	read        deployment.Surveyed
	newest      map[string]deployment.Origin // bumps by component
	events      []status.Event
	result      *status.Deployment
	branch      string // of the application
}

// survey reads all deployments, each branch once.
func (l *lookout) survey(ctx context.Context, environments []*config.Environment) ([]*view, error) {
	client, err := l.deployment()
	if err != nil {
		return nil, err
	}
	var views []*view
	l.status.Environments = make([]status.Environment, len(environments))
	for i, environment := range environments {
		probes, err := plan.Probe(l.cfg, environment, nil)
		if err != nil {
			return nil, err
		}
		e := &l.status.Environments[i]
		*e = status.Environment{Name: environment.Name, From: environment.From, Branch: l.cfg.OriginBranch(environment, l.commit.Branch), Deployments: make([]status.Deployment, len(probes))}
		for n, probe := range probes {
			e.Deployments[n] = status.Deployment{Repository: probe.Repository, Branch: probe.Branch}
			views = append(views, &view{environment: environment, probe: probe, result: &e.Deployments[n], branch: e.Branch})
		}
	}
	var group errgroup.Group
	group.SetLimit(lookups)
	for _, same := range byBranch(views) {
		group.Go(func() error {
			probes := make([]plan.Deployment, len(same))
			for i, v := range same {
				probes[i] = v.probe
			}
			for i, read := range client.Survey(ctx, probes) {
				same[i].read = read
			}
			return nil
		})
	}
	return views, group.Wait()
}

// byBranch puts together what one question can ask for.
func byBranch(views []*view) [][]*view {
	type place struct {
		repository, branch string
		api                config.API
	}
	number := map[place]int{}
	var groups [][]*view
	for _, v := range views {
		at := place{v.probe.Repository, v.probe.Branch, v.probe.API}
		n, known := number[at]
		if !known {
			n = len(groups)
			number[at] = n
			groups = append(groups, nil)
		}
		groups[n] = append(groups[n], v)
	}
	return groups
}

// lookAtAll asks everybody else about what was read, all at once. Nobody's silence ends it.
func (l *lookout) lookAtAll(ctx context.Context, views []*view) {
	var group errgroup.Group
	group.SetLimit(lookups)
	for _, v := range views {
		group.Go(func() error {
			l.lookAt(ctx, v)
			return nil
		})
	}
	_ = group.Wait() // everything has its own place for errors
	for _, v := range views {
		if len(v.events) > 0 {
			l.status.History = append(l.status.History, v.inOrder()...)
		}
	}
	for i := range l.status.Environments {
		group.Go(func() error {
			l.lookAtArgoCD(ctx, &l.status.Environments[i])
			return nil
		})
	}
	_ = group.Wait()
}

func (l *lookout) lookAt(ctx context.Context, v *view) {
	v.result.Components = make([]status.Component, len(l.cfg.Components))
	for i, c := range l.cfg.Components {
		v.result.Components[i] = status.Component{Name: c.Name, Image: c.Image}
	}
	err := v.read.Err
	if err == nil {
		v.result.Repository, v.result.Head = v.read.Snapshot.Repository, v.read.Snapshot.Head
		err = l.lookAtHistory(ctx, v)
	}
	if err != nil {
		v.result.Error = reasonOf(err)
		return
	}
	var group errgroup.Group
	for i := range v.result.Components {
		group.Go(func() error {
			l.lookAtComponent(ctx, v, &v.result.Components[i])
			return nil
		})
	}
	_ = group.Wait()
	if err := l.explainEdits(ctx, v); err != nil && !errors.Is(err, context.Canceled) {
		l.console.Note("who set the values of " + v.environment.Name + " by hand is not known: " + reasonOf(err))
	}
}

// reasonOf is an error in one line, with its place and without its remedy.
func reasonOf(err error) string {
	if p := problem.As(err); p != nil && p.Place.String() != "" {
		return p.Place.String() + ": " + brief(err)
	}
	return brief(err)
}
