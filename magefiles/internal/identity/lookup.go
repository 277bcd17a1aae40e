package identity

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"

	"github.com/containerd/platforms"
	distribution "github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// Resolved is an image of a registry.
type Resolved struct {
	Digest digest.Digest // of the index, or of the manifest where there is none
	Config []byte        // configuration for the platform
}

// Resolver looks up images that Dockerfiles name. A name has its registry and a tag, a digest, or both.
type Resolver interface {
	ResolveImage(ctx context.Context, name string, platform *ocispec.Platform) (Resolved, error)
}

// errSlowRegistry is the reason why a base image is not known after the deadline.
var errSlowRegistry = errors.New("its registry did not answer in time")

// imageLookups asks a Resolver once for each name and platform, and for one digest of each name: a tag that moves meanwhile does
// not give an image of two.
type imageLookups struct {
	ctx      context.Context // with the deadline of all
	resolver Resolver
	images   onceByKey[Resolved]
	names    onceByKey[Resolved]
}

func newLookups(ctx context.Context, r Resolver) *imageLookups {
	return &imageLookups{ctx: ctx, resolver: r}
}

func (l *imageLookups) resolveImage(name string, platform *ocispec.Platform) (Resolved, error) {
	return l.images.compute(name+" "+platformID(platform), func() (Resolved, error) {
		mine := false
		first, err := l.names.compute(name, func() (Resolved, error) {
			mine = true
			return l.askResolver(name, name, platform)
		})
		if err != nil || mine {
			return first, err
		}
		return l.askResolver(name, withDigest(name, first.Digest), platform)
	})
}

func (l *imageLookups) askResolver(name, exact string, platform *ocispec.Platform) (Resolved, error) {
	image, err := l.resolver.ResolveImage(l.ctx, exact, platform)
	if cause := context.Cause(l.ctx); cause != nil {
		err = cause
	}
	if err != nil {
		return Resolved{}, unknownKey("looking up its base image %s: %s", familiarName(name), errorFirstLine(err))
	}
	return image, nil
}

// usedImages are the images that one image names.
type usedImages struct {
	*imageLookups
	mu   sync.Mutex
	used map[string]digest.Digest
}

func (u *usedImages) resolveImage(_ context.Context, name string, platform *ocispec.Platform) (Resolved, error) {
	image, err := u.imageLookups.resolveImage(name, platform)
	if err == nil {
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.used == nil {
			u.used = map[string]digest.Digest{}
		}
		u.used[name] = image.Digest
	}
	return image, err
}

func (u *usedImages) allDigests() map[string]digest.Digest {
	u.mu.Lock()
	defer u.mu.Unlock()
	return maps.Clone(u.used)
}

func platformID(platform *ocispec.Platform) string {
	if platform == nil {
		return ""
	}
	return platforms.FormatAll(*platform)
}

// withDigest is an image by its digest.
func withDigest(name string, d digest.Digest) string {
	plain, _, _ := strings.Cut(name, "@")
	return plain + "@" + d.String()
}

// familiarName is an image's name as people write it, without a digest.
func familiarName(name string) string {
	named, err := distribution.ParseNormalizedNamed(name)
	if err != nil {
		return name
	}
	short, _, _ := strings.Cut(distribution.FamiliarString(named), "@")
	return short
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
