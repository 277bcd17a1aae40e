package push

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/errdefs"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/image-spec/specs-go"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/protocol"
)

// maxAttachments bounds what may be attached to one image, with what is attached to that.
const maxAttachments = 1000

// cosignTags are the ends of tags by which cosign finds what it has attached to sha256-<hex>.
var cosignTags = []string{".sig", ".att", ".sbom"}

// attachments are the attachments of copied images: manifests that name them as their subject (distribution specification, "Listing
// Referrers"), and those under cosign's tags.
type attachments struct {
	operation *operation

	mu    sync.Mutex
	found map[*target]*attached
}

// attached holds the attachments of one image.
type attached struct {
	manifests []ocispec.Descriptor
	tags      map[string]ocispec.Descriptor          // of cosign
	referrers map[digest.Digest][]ocispec.Descriptor // by their subjects
}

// find looks for all of them where the images are.
func (a *attachments) find(ctx context.Context) error {
	a.found = map[*target]*attached{}
	return a.operation.forEach(ctx, a.operation.copies(), "looking for what is attached to", func(ctx context.Context, t *target) error {
		all := &attached{tags: map[string]ocispec.Descriptor{}, referrers: map[digest.Digest][]ocispec.Descriptor{}}
		if err := a.findFor(protocol.Quiet(withoutValues{ctx}), t, all); err != nil {
			at := t.source.repository.At(t.Descriptor.Digest)
			return a.operation.explainer.Explain(ctx, "looking for what is attached to", at, err)
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.found[t] = all
		return nil
	})
}

// findFor looks at an image, at each of the manifests that it consists of, and at what it finds.
func (a *attachments) findFor(ctx context.Context, t *target, all *attached) error {
	subjects, err := manifestsOf(ctx, t.source, t.Descriptor)
	if err != nil {
		return err
	}
	for n := 0; n < len(subjects); n++ {
		if n > maxAttachments {
			return problem.New(problem.Refused, "remove what is not needed from "+t.source.repository.String(),
				"copying %q: more than %d manifests are attached to it", t.Ref, maxAttachments)
		}
		more, err := a.attachedTo(ctx, t, subjects[n], all)
		if err != nil {
			return err
		}
		for _, desc := range more {
			if !slices.Contains(subjects, desc.Digest) {
				subjects = append(subjects, desc.Digest)
				all.manifests = append(all.manifests, desc)
			}
		}
	}
	return nil
}

// manifestsOf are the digests of an image's manifest or index, and of the manifests in it.
func manifestsOf(ctx context.Context, source content.Provider, root ocispec.Descriptor) ([]digest.Digest, error) {
	all := []digest.Digest{root.Digest}
	if !images.IsIndexType(root.MediaType) {
		return all, nil
	}
	children, err := images.Children(ctx, source, root)
	if err != nil {
		return nil, err
	}
	for _, child := range children {
		if !slices.Contains(all, child.Digest) {
			all = append(all, child.Digest)
		}
	}
	return all, nil
}

// attachedTo returns the manifests that are attached to one.
func (a *attachments) attachedTo(ctx context.Context, t *target, subject digest.Digest, all *attached) ([]ocispec.Descriptor, error) {
	client, from := a.operation.client, t.source.repository
	more, listed, err := client.Referrers(ctx, from.At(subject))
	if err == nil && !listed {
		more, err = protocol.ReferrersIndex(ctx, client, from.At(subject))
	}
	if err != nil {
		return nil, err
	}
	more = slices.DeleteFunc(more, func(desc ocispec.Descriptor) bool { return !isCopied(desc) })
	if len(more) > 0 {
		all.referrers[subject] = more
	}
	for _, end := range cosignTags {
		tag := protocol.ReferrersTag(subject) + end
		desc, err := client.Resolve(docker.WithScope(ctx, from.PullScope()), from.Tagged(tag))
		switch {
		case err == nil && isCopied(desc):
			all.tags[tag] = desc
			more = append(more, desc)
		case err != nil && !errdefs.IsNotFound(err):
			return nil, err
		}
	}
	return more, nil
}

// isCopied reports whether a manifest is one that registries take; there were other kinds for a while.
func isCopied(desc ocispec.Descriptor) bool {
	return images.IsManifestType(desc.MediaType) || images.IsIndexType(desc.MediaType)
}

// roots are all of them, to be sent with the images.
func (a *attachments) roots() (roots []contentRoot) {
	for _, t := range a.operation.copies() {
		for _, desc := range a.found[t].manifests {
			roots = append(roots, contentRoot{owner: t, desc: desc})
		}
	}
	return roots
}

// putAll makes them found where the images are to be, before these have their tags: what verifies an image when it appears finds its
// signatures.
func (a *attachments) putAll(ctx context.Context) error {
	return a.operation.forEach(ctx, a.operation.copies(), "attaching to", func(ctx context.Context, t *target) error {
		for tag, desc := range a.found[t].tags {
			if err := a.putTag(ctx, t, tag, desc); err != nil {
				return err
			}
		}
		for subject, referrers := range a.found[t].referrers {
			if err := a.putReferrers(ctx, t, subject, referrers); err != nil {
				return err
			}
		}
		return nil
	})
}

// putTag puts one of cosign's tags. One that names something else has signatures of its own, and stays.
func (a *attachments) putTag(ctx context.Context, t *target, tag string, desc ocispec.Descriptor) error {
	r := t.Ref.Repository.Tagged(tag)
	found, err := a.operation.client.Resolve(ctx, r)
	switch {
	case err == nil && found.Digest != desc.Digest:
		a.operation.addNotice(t, fmt.Sprintf("%s stays %s; %s, which is attached to the image in %s, has no tag there", r, found.Digest,
			desc.Digest, t.source.repository))
		return nil
	case err == nil:
		return nil
	case !errdefs.IsNotFound(err):
		return err
	}
	data, err := content.ReadBlob(ctx, t.source, desc)
	if err != nil {
		return err
	}
	return a.operation.client.PutManifest(ctx, r, desc, data)
}

// putReferrers has a registry that keeps no list of referrers have one under its tag, with those that are in it.
func (a *attachments) putReferrers(ctx context.Context, t *target, subject digest.Digest, referrers []ocispec.Descriptor) error {
	client, at := a.operation.client, t.Ref.Repository.At(subject)
	_, listed, err := client.Referrers(ctx, at)
	if err != nil || listed {
		return err
	}
	known, err := protocol.ReferrersIndex(ctx, client, at)
	if err != nil {
		return err
	}
	before := len(known)
	for _, desc := range referrers {
		if !slices.ContainsFunc(known, func(k ocispec.Descriptor) bool { return k.Digest == desc.Digest }) {
			known = append(known, desc)
		}
	}
	if len(known) == before {
		return nil
	}
	data, err := json.Marshal(ocispec.Index{
		Versioned: specs.Versioned{SchemaVersion: 2}, MediaType: ocispec.MediaTypeImageIndex, Manifests: known,
	})
	if err != nil {
		return err
	}
	desc := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageIndex, Digest: digest.FromBytes(data), Size: int64(len(data))}
	return client.PutManifest(ctx, t.Ref.Repository.Tagged(protocol.ReferrersTag(subject)), desc, data)
}
