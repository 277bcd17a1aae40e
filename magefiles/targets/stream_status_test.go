package targets_test

import (
	"fmt"
	"slices"
	"strings"
)

// checkStatus wants mage status to say of each value what it names, which commit counts as deployed, and whether it is held.
func (s *stream) checkStatus() {
	head := s.history[len(s.history)-1]
	for _, service := range services {
		source := s.sources[service]
		for _, e := range source.status().Environments {
			there := head.units[unit{service, e.Environment}]
			for _, c := range e.Deployments[0].Components {
				r := there.deployed[c.Component]
				if r <= 0 {
					continue
				}
				if held := c.Hold != nil; held != there.holding(c.Component) {
					s.t.Errorf("status says that %s is held in %s: %t; the model has %s", c.Component, e.Environment, held, there)
				}
				counted := source.sha(there.counted(c.Component))
				if c.Tag != s.tag(c.Component, e.Environment, r) || c.Source == nil || c.Source.SHA != counted {
					s.t.Errorf("status says of %s in %s: %s of %+v; the model has %s of %s", c.Component, e.Environment, c.Tag, c.Source,
						there, counted)
				}
				s.count("values that status shows")
			}
		}
	}
}

// checkDryRuns holds what a release of the newest commit would do against the model.
func (s *stream) checkDryRuns() {
	s.building = true // for all that a dry run knows
	for u := range s.policies {
		if u.environment != "prod" { // where nobody releases to
			s.checkDryRun(u)
		}
	}
}

// checkDryRun wants a dry run to say what is kept. Of tags that are not there yet the model does not know the images.
func (s *stream) checkDryRun(u unit) {
	source, head := s.sources[u.service], s.history[len(s.history)-1]
	o := &operation{unit: u, kind: release, build: revision(len(source.shas) - 1)}
	run := source.run("release", "-env="+u.environment, "-dryRun")
	there, target := head.units[u], o.target(o.build)
	next, v := there.deploy(target, o)
	s.count("dry runs")
	account := fmt.Sprintf("a dry run of commit %d in %s ended with %d; the model says %s of %s, and then %s\n%s", o.build, u, run.code, v,
		there, next, run.stderr)
	switch {
	case run.code == 3 && (v.isSaid(run.stderr) || head.belongsToOther(o)):
		return
	case run.code != 0:
		s.t.Error(account)
		return
	}
	for _, component := range there.differing(target) {
		now := max(0, there.deployed[component])
		says := strings.Contains(run.stderr, component+" keeps "+s.tag(component, u.environment, now)+",")
		if says && source.imageOf(component, now) != source.imageOf(component, o.build) {
			s.t.Errorf("%s keeps another image: %s", component, account)
		}
		if keeps := slices.Contains(next.differing(target), component); v == changes && keeps && !says {
			s.t.Errorf("%s does not keep its image: %s", component, account)
		}
	}
}
