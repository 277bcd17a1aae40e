package imageload

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	imagesapi "github.com/containerd/containerd/api/services/images/v1"
	leasesapi "github.com/containerd/containerd/api/services/leases/v1"
	versionapi "github.com/containerd/containerd/api/services/version/v1"
	"github.com/containerd/containerd/api/types"
	"github.com/containerd/containerd/v2/core/content"
	contentproxy "github.com/containerd/containerd/v2/core/content/proxy"
	"github.com/containerd/containerd/v2/core/images"
	"github.com/containerd/containerd/v2/core/leases"
	leasesproxy "github.com/containerd/containerd/v2/core/leases/proxy"
	"github.com/containerd/containerd/v2/pkg/namespaces"
	"github.com/containerd/platforms"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// ContainerdOptions say which containerd is meant, by the variables of ctr and nerdctl.
type ContainerdOptions struct {
	Address   string // CONTAINERD_ADDRESS: path of the socket; empty is that of this machine
	Namespace string // CONTAINERD_NAMESPACE; empty is default, Kubernetes has k8s.io
}

// defaultContainerd is the default socket of containerd.
const defaultContainerd = "/run/containerd/containerd.sock"

// leaseTime is the time for which containerd keeps the content of an interrupted load.
const leaseTime = time.Hour

// containerdStore is a namespace of a containerd, which takes blobs one by one: only those that it lacks are sent. It unpacks them
// when they are first run. Its API is at https://github.com/containerd/containerd/tree/main/api/services.
type containerdStore struct {
	conn      *grpc.ClientConn
	content   content.Store
	images    imagesapi.ImagesClient
	namespace string
	version   string
}

var _ Target = (*containerdStore)(nil)

func findContainerd(ctx context.Context, o ContainerdOptions) (*containerdStore, error) {
	path := strings.TrimPrefix(cmp.Or(o.Address, defaultContainerd), "unix://")
	ctx, cancel := context.WithTimeoutCause(ctx, probeTimeout, errSilent)
	defer cancel()
	// gRPC waits for a socket that may yet come, and hides why it does not answer.
	probe, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, unreachableProblem(err, "containerd", path, "start containerd or set CONTAINERD_ADDRESS", "")
	}
	_ = probe.Close()
	conn, err := grpc.NewClient("unix:"+path, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, fmt.Errorf("asking containerd at %s: %w", path, err)
	}
	version, err := versionapi.NewVersionClient(conn).Version(ctx, &emptypb.Empty{})
	if err != nil {
		return nil, errors.Join(unreachableProblem(err, "containerd", path, "restart containerd", ""), conn.Close())
	}
	return &containerdStore{
		conn: conn, content: contentproxy.NewContentStore(conn), images: imagesapi.NewImagesClient(conn),
		namespace: cmp.Or(o.Namespace, namespaces.Default), version: version.GetVersion(),
	}, nil
}

// String names the namespace.
func (s *containerdStore) String() string {
	return fmt.Sprintf("containerd %s, namespace %s", s.version, s.namespace)
}

// Name is config.LoaderContainerd.
func (s *containerdStore) Name() string { return string(config.LoaderContainerd) }

// Platform is this machine's.
func (s *containerdStore) Platform() string { return platforms.Format(platforms.DefaultSpec()) }

// Close closes the connection.
func (s *containerdStore) Close() error { return s.conn.Close() }

// Load copies the blobs that containerd lacks, then names the images.
func (s *containerdStore) Load(ctx context.Context, provider content.Provider, list []Image) (Result, error) {
	ctx = namespaces.WithNamespace(ctx, s.namespace)
	missing, result, err := planLoad(ctx, provider, list, platforms.Default(), s.hasImage)
	if err != nil || len(missing) == 0 {
		return result, err
	}
	result.Sent, err = s.addImages(ctx, provider, missing)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return result, cause
	}
	if err != nil {
		return result, problem.New(problem.Failed, unloadedRemedy("containerd"), "loading images into %s: %w", s, err)
	}
	return result, nil
}

// hasImage reports whether the namespace has an image under its name. It got the name when all its blobs were there.
func (s *containerdStore) hasImage(ctx context.Context, c platformImage) (bool, error) {
	answer, err := s.images.Get(ctx, &imagesapi.GetImageRequest{Name: c.ref})
	if status.Code(err) == codes.NotFound {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("asking %s for %s: %w", s, c.ref, err)
	}
	return answer.GetImage().GetTarget().GetDigest() == c.root.Digest.String(), nil
}

// addImages holds a lease for as long as nothing else keeps containerd from collecting the blobs.
func (s *containerdStore) addImages(ctx context.Context, provider content.Provider, missing []platformImage) (sent int64, err error) {
	manager := leasesproxy.NewLeaseManager(leasesapi.NewLeasesClient(s.conn))
	lease, err := manager.Create(ctx, leases.WithRandomID(), leases.WithExpiration(leaseTime))
	if err != nil {
		return 0, err
	}
	defer func() {
		// Also when ctx has ended: what was sent so far is not to stay.
		ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), probeTimeout, errSilent)
		defer cancel()
		if deleteErr := manager.Delete(ctx, lease); err == nil {
			err = deleteErr
		}
	}()
	ctx = leases.WithLease(ctx, lease.ID)
	for _, c := range missing {
		n, err := s.copyImage(ctx, provider, c)
		sent += n
		if err != nil {
			return sent, err
		}
		if err := s.nameImage(ctx, c); err != nil {
			return sent, fmt.Errorf("naming %s: %w", c.ref, err)
		}
	}
	return sent, nil
}

// copyImage sends one image, and labels for containerd's collector what belongs together. An index keeps its digest, by which it is
// known in a registry, although only one of its platforms is here, as after a pull.
func (s *containerdStore) copyImage(ctx context.Context, provider content.Provider, c platformImage) (sent int64, err error) {
	blobs := c.allBlobs()
	if c.root.Digest != c.desc.Digest {
		blobs = append(blobs, c.root)
	}
	for _, desc := range blobs {
		n, err := s.copyBlob(ctx, provider, desc)
		sent += n
		if err != nil {
			return sent, fmt.Errorf("sending blob %s: %w", desc.Digest, err)
		}
	}
	children := images.HandlerFunc(func(_ context.Context, desc ocispec.Descriptor) ([]ocispec.Descriptor, error) {
		switch desc.Digest {
		case c.desc.Digest:
			return append([]ocispec.Descriptor{c.manifest.Config}, c.manifest.Layers...), nil
		case c.root.Digest:
			return []ocispec.Descriptor{c.desc}, nil
		}
		return nil, nil
	})
	return sent, images.Walk(ctx, images.SetChildrenLabels(s.content, children), c.root)
}

// copyBlob sends nothing that is there; the lease holds that, too.
func (s *containerdStore) copyBlob(ctx context.Context, provider content.Provider, desc ocispec.Descriptor) (int64, error) {
	reader, err := provider.ReaderAt(ctx, desc)
	if err != nil {
		return 0, err
	}
	defer reader.Close()
	counted := &countingReader{Reader: content.NewReader(reader)}
	err = content.WriteBlob(ctx, s.content, "astrago-ci-"+desc.Digest.String(), counted, desc)
	return counted.n, err
}

// nameImage sets the image's name, or moves a name that an earlier one had.
func (s *containerdStore) nameImage(ctx context.Context, c platformImage) error {
	image := &imagesapi.Image{Name: c.ref, Target: &types.Descriptor{
		MediaType: c.root.MediaType, Digest: c.root.Digest.String(), Size: c.root.Size,
	}}
	_, err := s.images.Create(ctx, &imagesapi.CreateImageRequest{Image: image})
	if status.Code(err) == codes.AlreadyExists {
		_, err = s.images.Update(ctx, &imagesapi.UpdateImageRequest{Image: image})
	}
	return err
}

// countingReader counts what is read.
type countingReader struct {
	io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}
