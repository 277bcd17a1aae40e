package release

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// lookAtArgoCD asks how the environment runs, where the configuration names an application and there is a token.
func (l *lookout) lookAtArgoCD(ctx context.Context, e *status.Environment) {
	environment, err := l.cfg.Environment(e.Name, "")
	if err != nil || environment.ArgoCD == nil {
		return
	}
	a := environment.ArgoCD
	e.ArgoCD = &status.ArgoCD{Application: a.Application}
	client, missing, err := l.argocdAt(a.Server)
	switch {
	case missing != "":
		e.ArgoCD.Reason = missing
		return
	case err != nil:
		e.ArgoCD.Reason = reasonOf(err)
		return
	}
	target := argocd.Target{Application: a.Application, Project: a.Project, Namespace: a.Namespace}
	for _, d := range e.Deployments {
		target.Commits = append(target.Commits, argocd.Commit{Repository: d.Repository, Branch: d.Branch, SHA: d.Head})
		for _, c := range d.Components {
			if c.Tag != "" {
				target.Images = append(target.Images, c.Image+":"+c.Tag)
			}
		}
	}
	e.ArgoCD.Asked = true
	state, err := client.State(ctx, target)
	e.ArgoCD.URL = state.Page
	if err != nil {
		e.ArgoCD.Reason = reasonOf(err)
		return
	}
	e.ArgoCD.Sync, e.ArgoCD.Health, e.ArgoCD.Revision = state.Sync, state.Health, state.Revision
	e.ArgoCD.Running, e.ArgoCD.Message, e.ArgoCD.Absent = state.Running, state.Message, state.Absent
}
