package status

import (
	"slices"
	"time"
)

// Judge completes what was read: it finds what does not fit together, gives everything its state, and puts the history
// into order.
func (s *Status) Judge() {
	s.Schema, s.State = Schema, OK
	s.History = sortHistory(s.History)
	s.Environments = listOrEmpty(s.Environments)
	for i := range s.Environments {
		e := &s.Environments[i]
		e.judge(s.Generated)
		s.State = worseState(s.State, e.State)
	}
}

func (e *Environment) judge(now time.Time) {
	e.State = OK
	e.Deployments = listOrEmpty(e.Deployments)
	for i := range e.Deployments {
		e.Deployments[i].judge()
		e.State = worseState(e.State, e.Deployments[i].State)
	}
	for _, a := range e.Applications() {
		a.judge(e.mustHaveSeen(a, now))
		e.State = worseState(e.State, a.State)
	}
}

func (d *Deployment) judge() {
	d.State = OK
	if d.Error != "" {
		d.State = Unknown
	}
	d.Components = listOrEmpty(d.Components)
	for i := range d.Components {
		c := &d.Components[i]
		c.judge()
		if d.Error != "" {
			c.State = Unknown
		}
		d.State = worseState(d.State, c.State)
	}
}

// judge adds to the drift that the history has shown.
func (c *Component) judge() {
	c.Drift = listOrEmpty(c.Drift)
	switch r := c.Registry; {
	case r.Presence == "":
		c.Registry.Presence = NotAsked
	case r.Presence == Missing:
		c.Drift = append(c.Drift, Drift{Kind: ImageGone, Want: c.Image.Tagged(c.Tag).String()})
	case r.Presence == Present && c.Deployed != nil && c.Deployed.Digest != "" && c.Deployed.Digest != r.Digest:
		c.Drift = append(c.Drift, Drift{Kind: TagMoved, Want: c.Deployed.Digest.String(), Have: r.Digest.String()})
	}
	switch {
	case len(c.Drift) > 0:
		c.State = Drifted
	case c.Error != "", c.Registry.Presence == NotAsked:
		c.State = Unknown
	case c.Hold != nil:
		c.State = Held
	default:
		c.State = OK
	}
}

// compareInterval is the time that Argo CD has to notice a commit; by default it does every three minutes.
const compareInterval = 10 * time.Minute

// mustHaveSeen reports whether an application must have seen the values that are there now.
func (e *Environment) mustHaveSeen(a *ArgoCD, now time.Time) bool {
	for _, d := range e.Deployments {
		if string(d.Head) == a.Revision {
			continue
		}
		if slices.ContainsFunc(d.Components, func(c Component) bool {
			return c.Deployed != nil &&
				now.Sub(c.Deployed.Time) < compareInterval
		}) {
			return false
		}
	}
	return true
}

// judge takes an operation under way for what it is: on its way. Health is Argo CD's own word and no drift. Before Argo CD
// has seen the values, it cannot run them.
func (a *ArgoCD) judge(seen bool) {
	a.State, a.Drift = OK, []Drift{}
	switch {
	case a.Asked && a.Reason != "":
		a.State = Unknown
	case !a.Asked:
		return
	}
	if a.Sync == "OutOfSync" && !a.Running {
		a.Drift = append(a.Drift, Drift{Kind: OutOfSync, Have: a.Revision})
	}
	if seen && a.Sync == "Synced" && a.Health == "Healthy" && !a.Running {
		for _, image := range a.Absent {
			a.Drift = append(a.Drift, Drift{Kind: NotLive, Want: image})
		}
	}
	if len(a.Drift) > 0 {
		a.State = Drifted
	}
	if a.Sync == "Unknown" {
		a.State = Unknown
	}
}

// Summary is in a few words how Argo CD runs the environment.
func (a *ArgoCD) Summary() string {
	switch {
	case !a.Asked:
		return "not asked: " + a.Reason
	case a.Reason != "":
		return a.Reason
	}
	return a.Sync + ", " + a.Health
}

func worseState(a, b State) State {
	order := []State{OK, Held, Unknown, Drifted}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

// Known reports whether anything could be read of any deployment.
func (s *Status) Known() bool {
	for _, e := range s.Environments {
		if slices.ContainsFunc(e.Deployments, func(d Deployment) bool { return d.Error == "" }) {
			return true
		}
	}
	return false
}
