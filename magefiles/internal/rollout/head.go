package rollout

import (
	"context"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/argocd"
	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// deployedHead holds this service's commits at the heads of the environment's deployments.
type deployedHead struct {
	commits []argocd.Commit // the newest bump of the service, or the head where none is in view
	newest  []string        // for each, the commit that touched the values last, for people
}

func readDeployedHead(ctx context.Context, env *cli.Env) (deployedHead, error) {
	var now deployedHead
	client, err := env.Clients.Deployment()
	if err != nil {
		return now, err
	}
	states, err := ReadEnvironments(ctx, client, env.Project.Config, env.Flags.Only, env.Project.Environment)
	if err != nil {
		return now, err
	}
	for i, probe := range states[0].Probes {
		commit, newest := deployedAt(env, states[0].Snapshots[i], probe, states[0].Tags(i))
		now.commits, now.newest = append(now.commits, commit), append(now.newest, newest)
	}
	return now, nil
}

// deployedAt returns this service's commit at one head.
func deployedAt(
	env *cli.Env, snapshot *repo.Snapshot, probe plan.Deployment, tags map[component.Name]string,
) (commit argocd.Commit, newest string) {
	p := env.Project.Plan
	commit = argocd.Commit{Repository: probe.Repository, Branch: probe.Branch, SHA: snapshot.Head}
	bump, recorded := snapshot.Latest(p.Formerly, env.Project.Application(), p.Environment)
	if recorded {
		commit.SHA = bump.SHA
	}
	for _, image := range p.Images {
		var deployed digest.Digest
		if recorded && !snapshot.ChangedSince(bump) {
			_, deployed = bump.Trailers().Image(image.Component)
		}
		if kept, ok := snapshot.KeptAs(image.Component, tags[image.Component]); ok && deployed == "" {
			deployed = kept.Digest
		}
		commit.Images = append(commit.Images, image.Repository.Tagged(tags[image.Component]).WithDigest(deployed))
	}
	if len(snapshot.History) > 0 {
		title, _, _ := strings.Cut(snapshot.History[0].Message, "\n")
		newest = snapshot.History[0].SHA.Short() + " (" + title + ")"
	}
	return commit, newest
}
