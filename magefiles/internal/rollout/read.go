// Package rollout brings images into the deployment repositories: it reads what is deployed, computes and checks the edits, makes one
// commit a deployment, and waits until ArgoCD runs it.
package rollout

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// maxLookups bounds how many questions are asked at once.
const maxLookups = 16

// ReadAll reads the heads of deployments, all at once, in their order.
func ReadAll(ctx context.Context, client *gitops.Client, targets []plan.Deployment) ([]*repo.Snapshot, error) {
	snapshots := make([]*repo.Snapshot, len(targets))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxLookups)
	for i, target := range targets {
		group.Go(func() (err error) {
			snapshots[i], err = client.Repo.Read(ctx, target)
			return err
		})
	}
	return snapshots, group.Wait()
}
