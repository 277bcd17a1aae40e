package rollout

import (
	"context"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/history"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
)

// Origins looks up what bumps recorded of tags in the first deployment of an environment: each of them has the same.
func Origins(ctx context.Context, env *cli.Env, s *EnvironmentState, wanted []history.TagQuery) ([]history.Provenance, error) {
	client, err := env.Clients.Deployment()
	if err != nil {
		return nil, err
	}
	expectedTag := func(name component.Name, sha commitid.ID) string {
		tag, err := plan.TagOf(env.Project.Config, s.Environment.Name, name, sha)
		if err != nil {
			return ""
		}
		return tag
	}
	return client.History.Provenances(ctx, s.Snapshots[0], s.Probes[0], env.Project.Application(), s.Environment.Name, wanted, expectedTag)
}

// NoteNoProvenance says that nothing can be compared with a bump's trailers.
func NoteNoProvenance(env *cli.Env, origin history.Provenance, environment string) {
	env.Console.Note(fmt.Sprintf("%s: no bump of %s recorded %s, so its digest is not compared with what was deployed", origin.Component,
		environment, origin.Tag))
}

// SourceCommit returns the commit that an image was built from: as its bump recorded it, or else as the image itself says; "" where
// neither does.
func SourceCommit(
	ctx context.Context, client *registry.Client, origin history.Provenance, image plan.Image, desc ocispec.Descriptor,
) commitid.ID {
	if origin.SHA != "" {
		return origin.SHA
	}
	found, err := client.Origin(ctx, image.Ref(), desc)
	if err != nil {
		return ""
	}
	return found.Commit()
}
