package push

import (
	"context"
	"time"

	"github.com/containerd/errdefs"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/explain"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
)

// Retag is a further tag for an image that its repository has already.
type Retag struct {
	Ref        imageref.Reference                 // by the tag to put
	Descriptor ocispec.Descriptor                 // the root of the image
	Revision   string                             // the source commit that it was built from, for messages
	Manifest   []byte                             // the root itself (Found.Manifest); nil: it is fetched
	Same       func(inspect.Origin) (bool, error) // as Image.Same
	Own        bool                               // as Image.Own
	Records    []Record                           // as Image.Records
	Aliases    []string                           // as Image.Aliases
}

// CheckRetag asks what Retag would refuse, without tagging anything: a tag that names another image. It returns the references
// that the registry lacks.
func (r Pusher) CheckRetag(ctx context.Context, images []Retag) (missing []imageref.Reference, err error) {
	p := &operation{client: r.Client, explainer: r.Explainer, parallel: r.Parallel, started: time.Now()}
	if err := p.addImages(asImages(images)); err != nil {
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

// Retag makes each tag name its image, all of them or none, with Push's guarantees and without sending any content but
// manifests: a tag that is there with the same digest is done, with another one nothing is tagged and the error is
// problem.Refused. An image costs two HEADs and a PUT, and a GET where its manifest is not given.
//
// The error is ErrNotFound when a repository lacks an image; then nothing was tagged.
func (r Pusher) Retag(ctx context.Context, images []Retag) ([]Pushed, error) {
	p := &operation{client: r.Client, explainer: r.Explainer, parallel: r.Parallel, started: time.Now()}
	if err := p.addImages(asImages(images)); err != nil {
		return nil, err
	}
	for i, t := range p.targets {
		t.manifest = images[i].Manifest
	}
	p.read = p.fetchManifest
	return p.runSteps(ctx, p.checkTags, p.readAll, p.recordAll, p.tagAll, p.verifyAll, p.aliasAll)
}

// asImages are the images that are to have the tags.
func asImages(retags []Retag) []Image {
	images := make([]Image, len(retags))
	for i, r := range retags {
		images[i] = Image{
			Ref: r.Ref, Descriptor: r.Descriptor, Revision: r.Revision, Same: r.Same, Own: r.Own, Records: r.Records, Aliases: r.Aliases,
		}
	}
	return images
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
