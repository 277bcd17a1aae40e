package images

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/parallel"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// TreeType is the media type of what an image is made of, as identity.Tree.Encode returns it.
const TreeType = "application/vnd.xiilab.astrago-ci.tree.v1"

// TreeTag returns the tag under which a repository keeps the inputs of the image of a key.
func TreeTag(repository imageref.Repository, key string) imageref.Reference {
	return repository.Tagged(plan.KeyTag(key) + "-tree")
}

// keepTrees stores what images are made of beside them, for -explain. A failure costs a later explanation only.
func (p *Publisher) keepTrees(ctx context.Context, images []plan.Image, all map[component.Name]inputs.Inputs) error {
	parallel.All(parallel.Lookups, images, func(_ int, image plan.Image) {
		in := all[image.Component]
		if in.Key == "" {
			return
		}
		data, err := in.Tree.Encode()
		if err == nil {
			err = p.registry.PutDocument(ctx, TreeTag(image.Repository, in.Key), TreeType, data)
		}
		if err != nil && ctx.Err() == nil {
			p.env.Console.Note("notice: " + string(image.Component) +
				": `mage plan -explain` will not tell what changes next: " + problem.FirstLine(err))
		}
	})
	return context.Cause(ctx)
}
