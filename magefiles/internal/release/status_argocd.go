package release

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// lookAtArgoCD asks how the environment runs, where the configuration names applications and there is a token.
func (l *lookout) lookAtArgoCD(ctx context.Context, e *status.Environment) {
	environment, err := l.cfg.Environment(e.Name, "")
	if err != nil || len(environment.ArgoCD) == 0 {
		return
	}
	all, found := make([]application, len(environment.ArgoCD)), make([]*status.ArgoCD, len(environment.ArgoCD))
	for i, a := range environment.ArgoCD {
		all[i].ArgoCD = a
	}
	commits := commitsOf(e)
	_ = each(all, func(i int, a application) error { // nobody's silence ends it
		found[i] = l.lookAtApplication(ctx, a.ArgoCD, commits)
		return nil
	})
	e.ArgoCD, e.AlsoArgoCD = found[0], found[1:]
}

func (l *lookout) lookAtApplication(ctx context.Context, a config.ArgoCD, commits []argocd.Commit) *status.ArgoCD {
	found := &status.ArgoCD{Application: a.Application}
	client, missing, err := l.argocdAt(a.Server)
	switch {
	case missing != "":
		found.Reason = missing
		return found
	case err != nil:
		found.Reason = reasonOf(err)
		return found
	}
	found.Asked = true
	state, err := client.State(ctx, application{ArgoCD: a}.target(commits))
	found.URL = state.Page
	if err != nil {
		found.Reason = reasonOf(err)
		return found
	}
	found.Sync, found.Health, found.Revision = state.Sync, state.Health, state.Revision
	found.Running, found.Message, found.Absent = state.Running, state.Message, unpinned(state.Absent)
	return found
}

// commitsOf are the heads of the environment's deployments with the images of their values.
func commitsOf(e *status.Environment) []argocd.Commit {
	commits := make([]argocd.Commit, len(e.Deployments))
	for i, d := range e.Deployments {
		commits[i] = argocd.Commit{Repository: d.Repository, Branch: d.Branch, SHA: d.Head}
		for _, c := range d.Components {
			if c.Tag == "" {
				continue
			}
			digest := ""
			if c.Deployed != nil {
				digest = c.Deployed.Digest
			}
			commits[i].Images = append(commits[i].Images, pinned(c.Image+":"+c.Tag, digest))
		}
	}
	return commits
}
