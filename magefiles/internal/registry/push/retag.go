package push

import (
	"context"

	"github.com/containerd/errdefs"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/explain"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
)

// CheckRetag asks what Retag would refuse, without tagging anything: a tag that names another image. It returns the references
// that the registry lacks.
func (r Pusher) CheckRetag(ctx context.Context, images []Image) (missing []imageref.Reference, err error) {
	p := r.newOperation()
	if err := p.addImages(images); err != nil {
		return nil, err
	}
	if _, err := p.runSteps(ctx, p.checkTags); err != nil {
		return nil, err
	}
	for _, t := range p.missingTargets() {
		missing = append(missing, t.Ref)
	}
	return missing, nil
}

// Retag makes each tag name an image that its repository has already, all of them or none, with Push's guarantees and without
// sending any content but manifests: a tag that is there with the same digest is done, with another one nothing is tagged and the
// error is problem.Refused. An image costs two HEADs and a PUT, and a GET where its manifest is not given.
//
// The error is ErrNotFound when a repository lacks an image; then nothing was tagged.
func (r Pusher) Retag(ctx context.Context, images []Image) ([]Pushed, error) {
	p := r.newOperation()
	if err := p.addImages(images); err != nil {
		return nil, err
	}
	p.read = p.fetchManifest
	return p.runSteps(ctx, p.checkTags, p.readAll, p.recordAll, p.tagAll, p.verifyAll, p.aliasAll)
}

// fetchManifest gets a root that the repository has under its digest.
func (p *operation) fetchManifest(ctx context.Context, t *target) ([]byte, error) {
	_, content, err := p.client.GetManifest(ctx, t.Ref.At(t.Descriptor.Digest))
	if errdefs.IsNotFound(err) {
		return nil, problem.New(problem.Failed, "build it again: mage build",
			"tagging %q: the repository lacks the image %s: %w", t.Ref, t.Descriptor.Digest, explain.ErrNotFound)
	}
	if err == nil {
		t.size = inspect.Size(ctx, p.client, t.Ref, inspect.Found{Descriptor: t.Descriptor, Manifest: content})
	}
	return content, err
}
