package release

import (
	"cmp"
	"context"
	"errors"

	"github.com/xiilab/astrago-ci/magefiles/internal/deployment"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry"
)

// knownDigest is the digest of the i-th image: as the registry has it under its tag, or will have it once it is tagged.
func (now *state) knownDigest(i int) string {
	if digest := now.published[i].Digest; digest != "" || len(now.decisions) == 0 {
		return digest.String()
	}
	return now.decisions[i].found.Descriptor.Digest.String()
}

// knownKey is the key of what the i-th image is built from, as far as this run has found out.
func (now *state) knownKey(i int) string {
	if len(now.decisions) == 0 {
		return ""
	}
	return cmp.Or(now.decisions[i].found.Origin.Key, now.decisions[i].key)
}

// keyOfImage is deployment.Bump.KeyOf: it asks the image itself. One that the registry no longer has under its tag, or that does
// not say, is compared by its digest alone.
func (s *session) keyOfImage(ctx context.Context, image deployment.Image) (string, error) {
	found, err := s.registry().Lookup(ctx, image.Ref)
	switch {
	case errors.Is(err, registry.ErrNotFound):
		return "", nil
	case err != nil:
		return "", err
	case found.Descriptor.Digest.String() != image.Digest:
		return "", nil
	}
	return found.Origin.Key, nil
}
