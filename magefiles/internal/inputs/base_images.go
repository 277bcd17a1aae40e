package inputs

import (
	"context"
	"fmt"
	"strings"
	"sync"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
)

// BaseImages resolves the images that Dockerfiles name, each once a run. It is safe for concurrent use.
type BaseImages struct {
	client *registry.Client
	mu     sync.Mutex
	known  map[string]*baseImage
}

var _ identity.Resolver = (*BaseImages)(nil)

type baseImage struct {
	once     sync.Once
	resolved identity.Resolved
	err      error
}

// NewBaseImages returns the base images as a client finds them.
func NewBaseImages(client *registry.Client) *BaseImages {
	return &BaseImages{client: client, known: map[string]*baseImage{}}
}

// ResolveImage implements identity.Resolver. What could not be resolved is asked for once, too: a registry that does not
// answer takes its time from a run only once.
func (b *BaseImages) ResolveImage(ctx context.Context, name string, platform *ocispec.Platform) (identity.Resolved, error) {
	wanted := ocispec.Platform{OS: "linux"}
	if platform != nil {
		wanted = *platform
	}
	key := strings.Join([]string{name, wanted.OS, wanted.Architecture, wanted.Variant}, " ")
	b.mu.Lock()
	image := b.known[key]
	if image == nil {
		image = &baseImage{}
		b.known[key] = image
	}
	b.mu.Unlock()
	image.once.Do(func() {
		var ref imageref.Reference
		if ref, image.err = imageref.Parse(name); image.err == nil {
			image.resolved.Digest, image.resolved.Config, image.err = b.client.Config(ctx, ref, wanted)
		}
	})
	if image.err != nil {
		return identity.Resolved{}, fmt.Errorf("%s", problem.FirstLine(image.err))
	}
	return image.resolved, nil
}
