package status

import (
	"context"
	"errors"
	"sync"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/history"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// deploymentView is one deployment of one environment as it was read, with where the status of it goes.
type deploymentView struct {
	environment *config.Environment
	probe       plan.Deployment
	read        repo.BranchRead
	newest      map[component.Name]history.Provenance // bumps
	events      []status.Event
	result      *status.Deployment
	branch      string // of the application
}

// statusCollector collects the status of environments.
type statusCollector struct {
	env    *cli.Env
	status status.Status

	distances sync.Map // measured, by distanceKey
}

// collect fills in the status.
func (sc *statusCollector) collect(ctx context.Context, environments []*config.Environment) error {
	views, err := sc.readDeployments(ctx, environments)
	if err != nil {
		return err
	}
	sc.collectAll(ctx, views)
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	sc.status.Judge()
	return nil
}

// readDeployments reads all deployments, each branch once.
func (sc *statusCollector) readDeployments(ctx context.Context, environments []*config.Environment) ([]*deploymentView, error) {
	client, err := sc.env.Clients.Deployment()
	if err != nil {
		return nil, err
	}
	var views []*deploymentView
	sc.status.Environments = make([]status.Environment, len(environments))
	for i, environment := range environments {
		probes, err := plan.Probe(sc.env.Project.Config, environment, nil)
		if err != nil {
			return nil, err
		}
		e := &sc.status.Environments[i]
		*e = status.Environment{Name: environment.Name, From: environment.From, Branch: sc.env.Project.Config.OriginBranch(environment,
			sc.env.Project.Commit.Branch), Deployments: make([]status.Deployment, len(probes))}
		for n, probe := range probes {
			e.Deployments[n] = status.Deployment{Repository: probe.Repository, Branch: probe.Branch}
			views = append(views, &deploymentView{environment: environment, probe: probe, result: &e.Deployments[n], branch: e.Branch})
		}
	}
	parallel.All(parallel.Lookups, byBranch(views), func(_ int, same []*deploymentView) {
		probes := make([]plan.Deployment, len(same))
		for i, v := range same {
			probes[i] = v.probe
		}
		for i, read := range client.Repo.ReadAll(ctx, probes) {
			same[i].read = read
		}
	})
	return views, nil
}

// byBranch puts together what one question can ask for.
func byBranch(views []*deploymentView) [][]*deploymentView {
	type place struct {
		repository, branch string
		api                config.API
	}
	number := map[place]int{}
	var groups [][]*deploymentView
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

// collectAll asks the registry, the application repository and Argo CD about what was read, all at once. None of them ends it by its
// silence.
func (sc *statusCollector) collectAll(ctx context.Context, views []*deploymentView) {
	parallel.All(parallel.Lookups, views, func(_ int, v *deploymentView) { sc.collectOne(ctx, v) })
	for _, v := range views {
		if len(v.events) > 0 {
			sc.status.History = append(sc.status.History, v.inOrder()...)
		}
	}
	parallel.All(parallel.Lookups, sc.status.Environments, func(i int, _ status.Environment) {
		sc.readArgoCD(ctx, &sc.status.Environments[i])
	})
}

func (sc *statusCollector) collectOne(ctx context.Context, v *deploymentView) {
	v.result.Components = make([]status.Component, len(sc.env.Project.Config.Components))
	for i, c := range sc.env.Project.Config.Components {
		v.result.Components[i] = status.Component{Name: c.Name, Image: c.Image}
	}
	err := v.read.Err
	if err == nil {
		v.result.Repository, v.result.Head = v.read.Snapshot.Repository, v.read.Snapshot.Head
		err = sc.readHistory(ctx, v)
	}
	if err != nil {
		v.result.Error = errorReason(err)
		return
	}
	parallel.All(parallel.Lookups, v.result.Components, func(i int, _ status.Component) {
		sc.readComponent(ctx, v, &v.result.Components[i])
	})
	if err := sc.explainEdits(ctx, v); err != nil && !errors.Is(err, context.Canceled) {
		sc.env.Console.Note("who set the values of " + v.environment.Name + " by hand is not known: " + errorReason(err))
	}
}

// errorReason is an error in one line, with its place and without its remedy.
func errorReason(err error) string {
	if p := problem.As(err); p != nil && p.Place.String() != "" {
		return p.Place.String() + ": " + problem.FirstLine(err)
	}
	return problem.FirstLine(err)
}
