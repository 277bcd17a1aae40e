package status

import (
	"context"
	"sync"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// readArgoCD asks how the environment runs, where the configuration names applications and there is a token.
func (sc *statusCollector) readArgoCD(ctx context.Context, e *status.Environment) {
	environment, err := sc.env.Project.Config.Environment(e.Name, "")
	if err != nil || len(environment.ArgoCD) == 0 {
		return
	}
	found, commits := make([]*status.ArgoCD, len(environment.ArgoCD)), commitsOf(e)
	var group sync.WaitGroup
	for i, a := range environment.ArgoCD {
		group.Go(func() { found[i] = sc.readApplication(ctx, a, rollout.Target(a, environment.Mirrors, commits)) })
	}
	group.Wait()
	e.ArgoCD, e.AlsoArgoCD = found[0], found[1:]
}

func (sc *statusCollector) readApplication(ctx context.Context, a config.ArgoCD, target argocd.Target) *status.ArgoCD {
	found := &status.ArgoCD{Application: a.Application}
	client, missing, err := sc.env.Clients.ArgoCD(a)
	switch {
	case missing != "":
		found.Reason = missing
		return found
	case err != nil:
		found.Reason = errorReason(err)
		return found
	}
	found.Asked = true
	state, err := client.State(ctx, target)
	found.URL = state.Page
	if err != nil {
		found.Reason = errorReason(err)
		return found
	}
	found.Sync, found.Health, found.Revision = state.Sync, state.Health, state.Revision
	found.Running, found.Message, found.Absent = state.Running, state.Message, rollout.WithoutDigests(state.Absent)
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
			var deployed digest.Digest
			if c.Deployed != nil {
				deployed = c.Deployed.Digest
			}
			commits[i].Images = append(commits[i].Images, c.Image.Tagged(c.Tag).WithDigest(deployed))
		}
	}
	return commits
}
