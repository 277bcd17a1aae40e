// Command pusher pushes one image as mage push does and does nothing else, for BenchmarkPush: layout, digest and size of
// the manifest, reference.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/containerd/containerd/v2/plugins/content/local"
	digest "github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/auth"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/push"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(layout, root, size, ref string) error {
	store, err := local.NewStore(layout)
	if err != nil {
		return err
	}
	desc := ocispec.Descriptor{MediaType: ocispec.MediaTypeImageManifest, Digest: digest.Digest(root)}
	if desc.Size, err = strconv.ParseInt(size, 10, 64); err != nil {
		return err
	}
	client := registry.New(registry.Options{Keychain: auth.NewKeychain("")})
	_, err = client.Push(context.Background(), store, []push.Image{{Ref: ref, Descriptor: desc}}, nil)
	return err
}
