package push

import (
	"context"
	"slices"

	"github.com/containerd/containerd/v2/core/content"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// Copy is a tag for an image of a repository, the tag's own or another one of any registry.
type Copy struct {
	Image

	From imageref.Repository // that has the image
}

// Copy makes each tag name its image, all of them or none, with Push's guarantees: an image of another repository is there with all
// that it consists of before any tag is put, and with what is attached to it: its signatures and attestations, by whatever way a
// registry has them. Within a registry its blobs are mounted, where the registry lets them; between two they stream through, none is
// kept here. What is there already is not sent again, so that a copy that was cut goes on when it is made again.
//
// The error is ErrNotFound when a repository lacks an image; then nothing was tagged.
func (r Pusher) Copy(ctx context.Context, images []Copy, report func(Progress)) ([]Pushed, error) {
	p, u := r.newUpload(nil, report)
	if err := p.addCopies(images); err != nil {
		return nil, err
	}
	p.read = func(ctx context.Context, t *target) ([]byte, error) {
		if t.source == nil {
			return p.fetchManifest(ctx, t)
		}
		return content.ReadBlob(ctx, t.source, t.Descriptor)
	}
	a := &attachments{operation: p}
	collect := func(ctx context.Context) error {
		return u.collectContents(ctx, append(rootsOf(p.missingCopies()), a.roots()...))
	}
	return p.runSteps(ctx, p.checkTags, a.find, collect, p.readAll, u.uploadAll, p.checkPending, p.recordAll, a.putAll, p.tagAll,
		p.verifyAll, p.aliasAll)
}

// addCopies notes the images, and for each the repository that it comes from where that is another one.
func (p *operation) addCopies(images []Copy) error {
	list := make([]Image, len(images))
	for i, image := range images {
		list[i] = image.Image
		list[i].Sources = []imageref.Repository{image.From}
	}
	if err := p.addImages(list); err != nil {
		return err
	}
	sources := map[imageref.Repository]*repositorySource{}
	for i, t := range p.targets {
		from := images[i].From
		if from == t.Ref.Repository {
			continue
		}
		if sources[from] == nil {
			sources[from] = newRepositorySource(p.client, from)
		}
		t.source = sources[from]
	}
	return nil
}

// copies are the targets whose images are of another repository.
func (p *operation) copies() []*target {
	return slices.DeleteFunc(slices.Clone(p.targets), func(t *target) bool { return t.source == nil })
}

// missingCopies are the targets whose images are to come from another repository.
func (p *operation) missingCopies() []*target {
	return slices.DeleteFunc(p.copies(), func(t *target) bool { return t.existed })
}
