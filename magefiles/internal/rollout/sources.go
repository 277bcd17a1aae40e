package rollout

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/history"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// Source is the commit that a component of an environment is of.
type Source struct {
	Tag string
	SHA commitid.ID // as much as is known of it; "" where nothing tells
}

// Sources returns what the components of an environment are of, as its values and their history say it: nothing is refused, and what
// is not known is "". Where deployments differ, the first one counts.
func Sources(ctx context.Context, env *cli.Env, s *EnvironmentState) (map[component.Name]Source, error) {
	sources := map[component.Name]Source{}
	var images []plan.Image
	var wanted []history.TagQuery
	for _, image := range env.Project.Plan.Images {
		for _, deployed := range s.Deployed {
			if image.Tag = deployed[image.Component].Tag; image.Tag != "" {
				break
			}
		}
		if image.Tag != "" {
			images = append(images, image)
			wanted = append(wanted, history.TagQuery{Component: image.Component, Tag: image.Tag})
		}
	}
	if len(wanted) == 0 {
		return sources, nil
	}
	origins, err := Origins(ctx, env, s, wanted)
	if err != nil {
		return nil, err
	}
	found := make([]Source, len(images))
	parallel.All(parallel.Lookups, images, func(i int, image plan.Image) {
		found[i] = Source{Tag: image.Tag, SHA: s.sourceOf(ctx, env, image, origins[i])}
	})
	for i, image := range images {
		sources[image.Component] = found[i]
	}
	return sources, nil
}

// sourceOf asks the image itself last: it costs two requests.
func (s *EnvironmentState) sourceOf(ctx context.Context, env *cli.Env, image plan.Image, origin history.Provenance) commitid.ID {
	for _, snapshot := range s.Snapshots {
		if kept, ok := snapshot.KeptAs(image.Component, image.Tag); ok {
			return kept.Source
		}
	}
	if origin.SHA != "" {
		return origin.SHA
	}
	if id := edit.CommitInTag(image.Tag); id != "" && !id.IsNull() { // nothing was deployed yet where it is git's null id
		return id
	}
	found, err := env.Clients.Registry().Lookup(ctx, image.Ref())
	if err != nil {
		return ""
	}
	return found.Origin.Commit()
}
