package images

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// TreeType is the media type of what an image is made of, as identity.Tree.Encode returns it.
const TreeType = "application/vnd.xiilab.astrago-ci.tree.v1"

// TreeTag is where a repository keeps what the image of a key is made of.
func TreeTag(repository imageref.Repository, key string) imageref.Reference {
	return repository.Tagged(plan.KeyTag(key) + "-tree")
}

// keepTrees stores what images are made of beside them, for -explain. A failure costs a later explanation only.
func (p *Publisher) keepTrees(ctx context.Context, images []plan.Image) error {
	all, err := p.keys.Of(ctx, images)
	if err != nil {
		return err
	}
	group := new(errgroup.Group)
	group.SetLimit(maxLookups)
	for _, image := range images {
		in := all[image.Component]
		if in.Key == "" {
			continue
		}
		group.Go(func() error {
			data, err := in.Tree.Encode()
			if err == nil {
				err = p.registry.PutDocument(ctx, TreeTag(image.Repository, in.Key), TreeType, data)
			}
			if err != nil && ctx.Err() == nil {
				p.env.Console.Note("notice: " + image.Component +
					": `mage plan -explain` will not tell what changes next: " + problem.FirstLine(err))
			}
			return nil
		})
	}
	return errors.Join(group.Wait(), context.Cause(ctx))
}
