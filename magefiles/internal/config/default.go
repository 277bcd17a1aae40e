package config

import (
	"cmp"
	"path"
)

// setDefaults fills in what the file leaves out; nothing else does.
func (f *file) setDefaults() {
	tag := cmp.Or(f.tag, Template{Text: defaultTag})
	f.Output = cmp.Or(f.Output, OutputAuto)
	f.Load = cmp.Or(f.Load, LoaderAuto)
	for i := range f.Components {
		c := &f.Components[i]
		c.Image = cmp.Or(c.image, f.image).repository
		c.Tag = cmp.Or(c.Tag, tag)
		c.Context = cmp.Or(c.Context, ".")
		c.Dockerfile = cmp.Or(c.Dockerfile, path.Join(c.Context, "Dockerfile"))
		if c.Cache.isZero() {
			c.Cache = f.cache
		}
	}
	setNotifyDefaults(f.Notify)
	for i := range f.Environments {
		e := &f.Environments[i]
		e.Hold.Until = cmp.Or(e.Hold.Until, HoldUntilNewer)
		for j := range e.ArgoCD {
			e.ArgoCD[j].Timeout = cmp.Or(e.ArgoCD[j].Timeout, defaultArgoCDTimeout)
		}
		for j := range e.Deploy {
			e.Deploy[j].setDefaults(f.Service)
		}
		if setNotifyDefaults(e.Notify); e.Notify == nil {
			e.Notify = f.Notify
		}
	}
}

func setNotifyDefaults(list []Notify) {
	for i := range list {
		n := &list[i]
		n.URLs = cmp.Or(n.URLs, NotifyURLs)
		n.Language = cmp.Or(n.Language, English)
		if len(n.On) == 0 {
			n.On = []Event{OnFailure, OnRecovered}
		}
	}
}

func (d *Deploy) setDefaults(service string) {
	d.API = cmp.Or(d.API, APIGraphQL)
	d.Diverged = cmp.Or(d.Diverged, DivergedAllow)
	d.Unchanged = cmp.Or(d.Unchanged, UnchangedSet)
	d.Mode = cmp.Or(d.Mode, ModeCommit)
	d.PullRequest.MergeMethod = cmp.Or(d.PullRequest.MergeMethod, MergeSquash)
	for _, c := range d.Checks {
		if c.Helm != nil {
			c.Helm.Release = cmp.Or(c.Helm.Release, service)
		}
	}
}
