package protocol

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/containerd/containerd/v2/core/content"
	"github.com/containerd/containerd/v2/core/remotes"
	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/errdefs"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// sourceAnnotation is the prefix of annotations in which containerd looks for repositories of the same registry to mount a blob from,
// followed by the registry's name without its port.
const sourceAnnotation = "containerd.io/distribution.source."

// Upload is content that a repository is to have.
type Upload struct {
	Provider   content.Provider // a reader of it may be an Interrupter
	Descriptor ocispec.Descriptor
	From       string             // path of a repository of the same registry that has it; empty: none is known
	Moved      func(offset int64) // called with how much the connection took so far
}

// Upload makes the repository of r have a content. It reports whether anything was sent; content that is there already, or was
// mounted from another repository, is not. To mount is an offer: where it fails, the content is sent.
func (c *Client) Upload(ctx context.Context, r imageref.Reference, u Upload) (sent bool, err error) {
	from, r := u.From, r.At(u.Descriptor.Digest)
	err = c.Retry(ctx, func(ctx context.Context) error {
		sent, err = c.uploadOnce(ctx, u, r, from)
		if err != nil && from != "" && ctx.Err() == nil {
			from = ""
			if !isTransient(err) {
				sent, err = c.uploadOnce(ctx, u, r, "")
			}
		}
		return err
	})
	return sent, err
}

// uploadOnce is one attempt of Upload.
func (c *Client) uploadOnce(ctx context.Context, u Upload, r imageref.Reference, from string) (sent bool, err error) {
	s := &blobSource{provider: u.Provider, desc: u.Descriptor, moved: u.Moved}
	desc := mountOffer(u.Descriptor, r, from)
	tracker := docker.NewInMemoryTracker()
	pusher, err := c.newResolver(tracker).Pusher(ctx, r.String())
	if err != nil {
		return false, err
	}
	key := remotes.MakeRefKey(ctx, desc)
	writer, err := pusher.Push(withBlobSource(ctx, s), desc)
	if err == nil {
		err = awaitCommit(ctx, writer, tracker, key, desc)
	}
	if failure := s.end(); failure != nil && err != nil {
		return false, failure
	}
	if err != nil && !errdefs.IsAlreadyExists(err) {
		return false, err
	}
	status, err := tracker.GetStatus(key)
	if err != nil || !status.Committed {
		return false, fmt.Errorf("pushing %s: containerd reports success and no upload: %w", desc.Digest, ErrLost)
	}
	return !status.Exists && status.MountedFrom == "", nil
}

// awaitCommit waits for the answer to an upload whose content the request reads itself. Each time that containerd repeats the request, with
// a new token for example, its writer has another pipe to fill and Commit returns to have that done.
func awaitCommit(ctx context.Context, writer content.Writer, tracker docker.StatusTracker, key string, desc ocispec.Descriptor) error {
	defer writer.Close()
	for {
		err := writer.Commit(ctx, 0, desc.Digest) // no size: it counts what is written to the pipe
		if err != nil && !errors.Is(err, content.ErrReset) {
			return err
		}
		if status, err := tracker.GetStatus(key); err != nil || status.Committed {
			return err
		}
	}
}

// mountOffer is a descriptor as containerd is to push it: with the repository to mount it from, and without what the image's
// own author wrote there.
func mountOffer(desc ocispec.Descriptor, r imageref.Reference, from string) ocispec.Descriptor {
	plain := ocispec.Descriptor{MediaType: desc.MediaType, Digest: desc.Digest, Size: desc.Size}
	if from == "" {
		return plain
	}
	name, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		name = r.Host
	}
	plain.Annotations = map[string]string{sourceAnnotation + name: from}
	return plain
}
