// Package rollout brings images into the deployment repositories: it reads what is deployed, computes and checks the edits, makes one
// commit a deployment, and waits until Argo CD runs it.
package rollout

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// ReadAll reads the heads of deployments, all at once, in their order.
func ReadAll(ctx context.Context, client *gitops.Client, targets []plan.Deployment) ([]*repo.Snapshot, error) {
	snapshots := make([]*repo.Snapshot, len(targets))
	err := parallel.Each(ctx, parallel.Lookups, targets, func(ctx context.Context, i int, target plan.Deployment) (err error) {
		snapshots[i], err = client.Repo.Read(ctx, target)
		return err
	})
	return snapshots, err
}
