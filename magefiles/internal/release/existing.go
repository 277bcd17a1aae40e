package release

import (
	"cmp"
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// existing is one run of a command on images that exist already. Neither the commit that is checked out nor its tree
// matters: what is deployed says what there is.
type existing struct {
	*session
	commit      source.Commit
	environment *config.Environment
}

// onExisting wraps a body as command does, without the plan of a release.
func onExisting(name report.Command, body func(context.Context, *existing) error) Command {
	return func(ctx context.Context, p Process, o Options) error {
		ctx, s := newSession(ctx, name, p, o)
		e := &existing{session: s}
		err := e.open(ctx)
		if err == nil {
			err = body(ctx, e)
		}
		return e.close(ctx, err)
	}
}

// open shadows the session's: it finds the environment and starts with a plan of nothing but its components.
func (e *existing) open(ctx context.Context) error {
	root, err := source.Root(cmp.Or(e.process.Dir, "."), config.FileName)
	if err != nil {
		return err
	}
	if err := e.configure(root); err != nil {
		return err
	}
	if e.commit, err = e.head(ctx, root); err != nil {
		return err
	}
	if e.environment, err = e.config.EnvironmentOf(e.options.Environment, refOf(e.commit)); err != nil {
		return err
	}
	if err := e.requireRef(e.environment, e.commit); err != nil {
		return err
	}
	components, err := e.config.Select(e.options.Only)
	if err != nil {
		return err
	}
	p, err := plan.Existing(e.config, e.commit, e.environment, nil)
	if err != nil {
		return err
	}
	for _, component := range components {
		p.Images = append(p.Images, plan.Image{Component: component.Name, Repository: component.Image})
	}
	e.adopt(p)
	e.again, e.beside = e.sameAgain(), e.commit.SHA
	e.logPlan(ctx)
	e.console.Task(e.report.Command, *p)
	return nil
}

// warnProposed says where a pull request changes nothing by itself.
func (e *existing) warnProposed() {
	for _, place := range e.report.Proposals() {
		e.console.Warn("in " + place + " nothing is changed or held until the pull request is merged")
	}
}

// adopt makes a plan the session's. Its commit only says where the application is.
func (e *existing) adopt(p *plan.Plan) {
	p.Commit = source.Commit{Root: e.commit.Root, Repository: e.commit.Repository, URL: e.commit.URL}
	e.plan = p
	r := report.New(e.report.Command, *p, e.report.Started)
	r.Images, r.From, r.Holds, r.DryRun = e.report.Images, e.report.From, e.report.Holds, e.report.DryRun
	r.Run, r.Reason, r.By = e.report.Run, e.reason(), e.person()
	e.report = r
}

// application is the application's name in trailers.
func (e *existing) application() string { return cmp.Or(e.commit.Repository, e.config.Service) }

// place is an environment as the deployment repositories have it now.
type place struct {
	environment *config.Environment
	probes      []plan.Deployment
	snapshots   []*deployment.Snapshot
	tags        []map[string]string     // by probe, then by component
	named       []map[string]plan.Named // the same with the digests that the values have
}

// look reads environments, all deployments at once.
func (e *existing) look(ctx context.Context, environments ...*config.Environment) ([]*place, error) {
	client, err := e.deployment()
	if err != nil {
		return nil, err
	}
	places := make([]*place, len(environments))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lookups)
	for i, environment := range environments {
		probes, err := plan.Probe(e.config, environment, e.options.Only)
		if err != nil {
			return nil, err
		}
		p := &place{
			environment: environment, probes: probes,
			snapshots: make([]*deployment.Snapshot, len(probes)), tags: make([]map[string]string, len(probes)),
			named: make([]map[string]plan.Named, len(probes)),
		}
		for n, probe := range probes {
			group.Go(func() (err error) {
				if p.snapshots[n], err = client.Read(ctx, probe); err != nil {
					return err
				}
				p.named[n], err = p.snapshots[n].Named(probe)
				p.tags[n] = tagsOf(p.named[n])
				return err
			})
		}
		places[i] = p
	}
	return places, group.Wait()
}

// common returns the tags that all deployments of the environment have; one may lack components. Other tags of one image, as
// same tells, are as good: each deployment keeps what has not changed there, and one that failed has kept nothing.
func (p *place) common(same func(component, tag, other string) (bool, error)) (map[string]string, error) {
	all, from := map[string]string{}, map[string]int{}
	for n, tags := range p.tags {
		for component, tag := range tags {
			other, known := all[component]
			if !known {
				all[component], from[component] = tag, n
				continue
			}
			if other == tag {
				continue
			}
			ok, err := same(component, tag, other)
			if err != nil {
				return nil, err
			}
			if !ok {
				return nil, problem.New(problem.Refused, "finish what was begun there: mage bump -env="+p.environment.Name,
					"reading %q: %s has the tag %s of %s, and %s has %s", p.environment.Name,
					p.where(from[component]), other, component, p.where(n), tag)
			}
		}
	}
	return all, nil
}

// digest returns the digest that the values have of a component, "" where they have none.
func (p *place) digest(component string) string {
	for _, named := range p.named {
		if digest := named[component].Digest; digest != "" {
			return digest
		}
	}
	return ""
}

func tagsOf(named map[string]plan.Named) map[string]string {
	tags := make(map[string]string, len(named))
	for component, n := range named {
		tags[component] = n.Tag
	}
	return tags
}

// only returns the tags of those components that others has, too.
func only(tags, others map[string]string) map[string]string {
	kept := map[string]string{}
	for component, tag := range tags {
		if _, ok := others[component]; ok {
			kept[component] = tag
		}
	}
	return kept
}

func (p *place) where(n int) string { return p.snapshots[n].Repository + "@" + p.snapshots[n].Branch }
